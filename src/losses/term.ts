import * as tf from '../engine/tensorflow.ts';

/** Feature maps of one picture by layer name, each [1, H, W, C]. */
export type FeatureMaps = Readonly<Record<string, tf.Tensor4D>>;

/** Layers and their weights; a term is the weighted mean over its layers, or the sum (`LOSS_UNITS`). */
export type LayerWeights = Readonly<Record<string, number>>;

/** A loss by layer, each a scalar. */
export type LayerLosses = Readonly<Record<string, tf.Scalar>>;

/** What a picture is compared with. There is what the terms ask for. */
export type Targets = TargetTensors & {
  /** Paints the next moment, where a network paints: a single picture has none. */
  readonly next?: (() => NextMoment) | undefined;
};

/** What of it does not depend on the picture. */
export type TargetTensors = {
  /** The photo that it is of, [1, H, W, C]. */
  readonly photo?: tf.Tensor4D | undefined;
  /** The photo's feature maps at the content layers. */
  readonly content?: FeatureMaps | undefined;
  /** Over those maps, [1, H, W, 1] in [0, 1]: where they count. Everywhere, where there is none. */
  readonly contentRegions?: Readonly<Record<string, tf.Tensor>> | undefined;
  /** Paintings by their places. */
  readonly paintings?: Readonly<Record<string, PaintingTargets>> | undefined;
};

/** What of a painting is aimed at, by style layer. */
export type PaintingTargets = {
  /** Gram matrices [1, C, C] or moments [1, C + 1, C]. */
  readonly statistics: Readonly<Record<string, tf.Tensor>>;
  /** Over the picture's positions, [1, H·W, 1]: where this painting counts (`guidedStatistic`). Everywhere, where there is none. */
  readonly guidance?: Readonly<Record<string, tf.Tensor>> | undefined;
};

/** The photo as a film would show it a moment later. */
export type NextMoment = {
  /** What the same network paints of it, [1, H, W, 3]. */
  readonly painted: tf.Tensor4D;
  /** Weights by which rows, [H, H], and columns, [W, W], of the later picture are made of those of the earlier one. */
  readonly rows: tf.Tensor2D;
  readonly columns: tf.Tensor2D;
  /** [1, H, W, 1]: 1 where the later one shows what the earlier one did, else 0. */
  readonly inside: tf.Tensor4D;
};

/** One term of an objective. Training, optimisation, comparison and benches put their objectives together from them. */
export interface Term {
  /** As logs and traces have it. */
  readonly name: string;
  /** A scalar where it is known only when run. */
  readonly weight: number | tf.Tensor;
  /** Layers of the loss network that it looks at, each with its share in the term; none where it looks at pixels alone. */
  readonly layers: LayerWeights;
  /** Set where a single picture does not have it: what it belongs to instead, in words (`of pairs of pictures`). */
  readonly notOfPicture?: string;
  /** Least side of a picture that it can be of, px. */
  readonly leastSide?: number;
  /**
   * Its value at a picture, unweighted, or by layer, without the layers' shares. Caller disposes.
   *
   * @param picture [1, H, W, C], pixels in [0, 255]. @param maps its feature maps at the terms' layers.
   */
  value(picture: tf.Tensor4D, maps: FeatureMaps, targets: Targets): tf.Scalar | LayerLosses;
}

/** All layers that some terms look at. */
export function layersOf(terms: readonly Term[]): string[] {
  return [...new Set(terms.flatMap(({ layers }) => Object.keys(layers)))];
}

/** A scalar that a term is made of. */
export interface TermPart {
  readonly layer?: string;
  /** Factor in the term. */
  readonly share: number;
  readonly value: tf.Scalar;
}

/** What a term's value is the sum of. */
export function partsOf({ layers }: Pick<Term, 'layers'>, value: tf.Scalar | LayerLosses): TermPart[] {
  if (value instanceof tf.Tensor) return [{ share: 1, value: value as tf.Scalar }];
  return Object.entries(value).map(([layer, loss]) => ({ layer, share: layers[layer]!, value: loss }));
}

/** Terms as their weights see them: unweighted; by name, and those of layers as `contentLayers`. All are scalars. */
export type Losses = {
  /** Their weighted sum. */
  readonly total: tf.Scalar;
  readonly [term: string]: tf.Scalar | LayerLosses;
};

/**
 * An objective at a picture: L = Σ weight · term (Gatys et al. 2016, eq. 7; Johnson et al. 2016, eq. 5).
 *
 * @param terms of different names. @param picture, maps, targets as of `Term.value`.
 * @returns scalars. Caller disposes.
 */
export function lossesOf(
  terms: readonly Term[],
  picture: tf.Tensor4D,
  maps: FeatureMaps,
  targets: Targets,
): Losses {
  const values: Record<string, tf.Scalar> = {};
  const layers: Record<string, LayerLosses> = {};
  for (const term of terms) {
    const value = term.value(picture, maps, targets);
    if (value instanceof tf.Tensor) values[term.name] = value as tf.Scalar;
    else {
      layers[layersName(term)] = value;
      values[term.name] = overLayers(partsOf(term, value));
    }
  }
  const total = tf.tidy(() => {
    const weighed = ({ name, weight }: Term) => tf.mul(values[name]!, weight);
    const ofPicture = tf.addN(terms.filter((term) => term.notOfPicture === undefined).map(weighed));
    // One after the other: how sums of floats are put together shows in their last bits, and runs resume to the bit.
    const others = terms.filter((term) => term.notOfPicture !== undefined);
    return others.reduce((sum, term) => tf.add(sum, weighed(term)), ofPicture) as tf.Scalar;
  });
  return { total, ...values, ...layers };
}

/** Losses of some terms that are all nought. Caller disposes. */
export function zeroLosses(terms: readonly Term[]): Losses {
  const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, tf.scalar(0)]));
  const ofLayers = terms.filter(({ layers }) => Object.keys(layers).length > 0);
  return {
    total: tf.scalar(0),
    ...zeros(terms.map(({ name }) => name)),
    ...Object.fromEntries(ofLayers.map((term) => [layersName(term), zeros(Object.keys(term.layers))])),
  };
}

/** Under what the losses of a term's layers are logged. */
const layersName = ({ name }: Pick<Term, 'name'>) => `${name}Layers`;

/** A term of its layers' losses. Caller disposes. */
function overLayers(parts: readonly TermPart[]): tf.Scalar {
  if (parts.length === 0) return tf.scalar(0);
  return tf.tidy(() => tf.addN(parts.map(({ share, value }) => tf.mul(value, share))) as tf.Scalar);
}

/** The loss at each of some layers. Caller disposes. */
export function perLayer(layers: LayerWeights, loss: (layer: string) => tf.Scalar): LayerLosses {
  return Object.fromEntries(Object.keys(layers).map((layer) => [layer, tf.tidy(() => loss(layer))]));
}

/** @throws {Error} no feature maps at the layer. */
export function at<Maps>(maps: Readonly<Record<string, Maps>> | undefined, layer: string): Maps {
  const found = maps?.[layer];
  if (found === undefined) throw new Error(`No feature maps at ${layer}.`);
  return found;
}
