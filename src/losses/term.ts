import * as tf from '../engine/tensorflow.ts';
import type { Reduction } from './reduction.ts';

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
  /** What the same network paints of it, [N, H, W, 3]; of a single photo N is 1. */
  readonly painted: tf.Tensor4D;
  /**
   * Weights by which rows, [H, H], and columns, [W, W], of the later picture are made of those of the earlier one; of several
   * photos [N, H, H] and [N, W, W].
   */
  readonly rows: tf.Tensor;
  readonly columns: tf.Tensor;
  /** [N, H, W, 1]: 1 where the later one shows what the earlier one did, else 0. */
  readonly inside: tf.Tensor4D;
};

/** One term of an objective. Training, optimisation, comparison and benches put their objectives together from them. */
export interface Term {
  /** As logs and traces have it. */
  readonly name: string;
  /** A tensor where it is known only when run: a scalar, or [N] for pictures of several styles. */
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
  /**
   * Its values at several pictures of one size at once, for training on a GPU: [N] in place of every scalar. All that is given
   * begins with a side of N; what is aimed at of a painting may be the same for all, [1, …]. Without it every picture is
   * looked at by itself (`lossesOfEach`).
   */
  values?(pictures: tf.Tensor4D, maps: FeatureMaps, targets: Targets): tf.Tensor | LayerValues;
}

/** `LayerLosses` of several pictures, [N] each. */
export type LayerValues = Readonly<Record<string, tf.Tensor>>;

/** A term's `value` and `values` by one equation. */
export function valuedBy(
  equation: (of: Reduction, ...given: Parameters<Term['value']>) => tf.Tensor | LayerValues,
): Required<Pick<Term, 'value' | 'values'>> {
  return {
    value: (...given) => equation('all', ...given) as tf.Scalar | LayerLosses,
    values: (...given) => equation('each', ...given),
  };
}

/** All layers that some terms look at. */
export function layersOf(terms: readonly Term[]): string[] {
  return [...new Set(terms.flatMap(({ layers }) => Object.keys(layers)))];
}

/** A scalar that a term is made of; of several pictures [N]. */
export interface TermPart<Value extends tf.Tensor = tf.Scalar> {
  readonly layer?: string;
  /** Factor in the term. */
  readonly share: number;
  readonly value: Value;
}

/** What a term's value is the sum of. */
export function partsOf<Value extends tf.Tensor = tf.Scalar>(
  { layers }: Pick<Term, 'layers'>,
  value: Value | Readonly<Record<string, Value>>,
): TermPart<Value>[] {
  if (value instanceof tf.Tensor) return [{ share: 1, value }];
  return Object.entries(value).map(([layer, loss]) => ({ layer, share: layers[layer]!, value: loss }));
}

/** Terms as their weights see them: unweighted; by name, and those of layers as `contentLayers`. All are scalars; of several pictures [N]. */
export type Losses<Value extends tf.Tensor = tf.Scalar> = {
  /** Their weighted sum. */
  readonly total: Value;
  readonly [term: string]: Value | Readonly<Record<string, Value>>;
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
  return weighed(terms, (term) => term.value(picture, maps, targets), tf.scalar);
}

/**
 * The terms' values, weighed and put together. Caller disposes.
 *
 * @param valueAt scalars, or [N] of several pictures. @param filledWith a new tensor of that shape.
 */
export function weighed<Value extends tf.Tensor>(
  terms: readonly Term[],
  valueAt: (term: Term) => Value | Readonly<Record<string, Value>>,
  filledWith: (value: number) => Value,
): Losses<Value> {
  const values: Record<string, Value> = {};
  const layers: Record<string, Readonly<Record<string, Value>>> = {};
  for (const term of terms) {
    const value = valueAt(term);
    if (value instanceof tf.Tensor) values[term.name] = value;
    else {
      const parts = partsOf(term, value);
      layers[layersName(term)] = value;
      values[term.name] = parts.length === 0 ? filledWith(0) : overLayers(parts);
    }
  }
  const total = tf.tidy(() => {
    const times = ({ name, weight }: Term) => tf.mul(values[name]!, weight);
    const ofPicture = tf.addN(terms.filter((term) => term.notOfPicture === undefined).map(times));
    // One after the other: how sums of floats are put together shows in their last bits, and runs resume to the bit.
    const others = terms.filter((term) => term.notOfPicture !== undefined);
    return others.reduce((sum, term) => tf.add(sum, times(term)), ofPicture) as Value;
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
function overLayers<Value extends tf.Tensor>(parts: readonly TermPart<Value>[]): Value {
  return tf.tidy(() => tf.addN(parts.map(({ share, value }) => tf.mul(value, share))) as Value);
}

/** The loss at each of some layers. Caller disposes. */
export function perLayer(layers: LayerWeights, loss: (layer: string) => tf.Tensor): LayerValues {
  return Object.fromEntries(Object.keys(layers).map((layer) => [layer, tf.tidy(() => loss(layer))]));
}

/** @throws {Error} no feature maps at the layer. */
export function at<Maps>(maps: Readonly<Record<string, Maps>> | undefined, layer: string): Maps {
  const found = maps?.[layer];
  if (found === undefined) throw new Error(`No feature maps at ${layer}.`);
  return found;
}
