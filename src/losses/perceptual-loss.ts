import * as tf from '../engine/tensorflow.ts';
import { latticeLoss } from './lattice-loss.ts';
import { contentLossIn, extentOf, styleLossIn } from './layer-losses.ts';
import { LOSS_UNITS, type LossUnits, type LossUnitsName } from './loss-units.ts';
import { STYLE_STATISTICS, type StyleStatistic } from './style-statistic.ts';
import { TOTAL_VARIATIONS } from './total-variation.ts';

/** Feature maps of one picture by layer name, each [1, H, W, C]. */
export type FeatureMaps = Readonly<Record<string, tf.Tensor4D>>;

/** Layers and their weights; a term is the weighted mean over its layers, or the sum (`LOSS_UNITS`). */
export type LayerWeights = Readonly<Record<string, number>>;

export interface PerceptualWeights {
  /** Units of content, style and total variation. Defaults to `relative`. */
  readonly units?: LossUnitsName;
  /** Weight of the content loss (`relative`: share of the photo's feature energy). */
  readonly content: number;
  /** Weight of the style loss (`relative`: share of the painting's Gram energy); a scalar where it is known only when run. */
  readonly style: number | tf.Tensor;
  /** Weight of total variation (`relative`: mean squared grey levels, pixels in [0, 255]). */
  readonly tv: number;
  /** Weight of what repeats every 4 px in step with the grid (`latticeLoss`, squared grey levels). Defaults to 0. */
  readonly lattice?: number;
  readonly contentLayers: LayerWeights;
  readonly styleLayers: LayerWeights;
  /** What is compared with the painting at the style layers. Defaults to Gram matrices. */
  readonly styleStatistic?: StyleStatistic;
}

/** A loss by layer, each a scalar. */
export type LayerLosses = Readonly<Record<string, tf.Scalar>>;

/** Terms as the weights see them: unweighted, each a scalar. */
export type PerceptualLoss = {
  readonly total: tf.Scalar;
  readonly content: tf.Scalar;
  readonly style: tf.Scalar;
  readonly tv: tf.Scalar;
  /** 0 where it has no weight: a picture may then be too small for it. */
  readonly lattice: tf.Scalar;
  /** What `content` and `style` are the weighted means or sums of. */
  readonly contentLayers: LayerLosses;
  readonly styleLayers: LayerLosses;
};

/** What a picture is compared with. */
export interface PerceptualTargets {
  /** The photo's feature maps at the content layers. */
  readonly content: FeatureMaps;
  /** The painting's Gram matrices (or moments) at the style layers, each [1, C, C] (or [1, C + 1, C]). */
  readonly style: Readonly<Record<string, tf.Tensor>>;
}

/** A term over its layers: of shares the weighted mean, so that weights per layer change the balance and not the strength. */
function overLayers(units: LossUnits, layers: LayerWeights, losses: LayerLosses): tf.Scalar {
  const entries = Object.entries(layers);
  const sum = units.layers === 'mean' ? entries.reduce((total, [, weight]) => total + weight, 0) : 1;
  return tf.tidy(() => {
    const terms = entries.map(([layer, weight]) => tf.mul(losses[layer]!, weight / sum));
    return terms.length === 0 ? tf.scalar(0) : (tf.addN(terms) as tf.Scalar);
  });
}

function perLayer(layers: LayerWeights, loss: (layer: string) => tf.Scalar): LayerLosses {
  return Object.fromEntries(Object.keys(layers).map((layer) => [layer, tf.tidy(() => loss(layer))]));
}

function at<T>(maps: Readonly<Record<string, T>>, layer: string): T {
  const found = maps[layer];
  if (found === undefined) throw new Error(`No feature maps at ${layer}.`);
  return found;
}

/**
 * The objective of training (Gatys et al. 2016, eq. 7; Johnson et al. 2016, eq. 5), unless other units are asked for with
 * every term as a share:
 *
 *   L = content · Σ_l c_l ‖F_l − P_l‖² / ‖P_l‖²  +  style · Σ_l s_l ‖G_l − A_l‖² / ‖A_l‖²  +  tv · TV(image)
 *       +  lattice · Lattice(image)
 *
 * with c and s normalised to sum 1. With `styleStatistic: 'moments'` the style term is `relativeMomentLoss`. In published units
 * (`LOSS_UNITS`) the sums of squares have their factors instead, and total variation its form.
 *
 * @param image [1, H, W, 3], pixels in [0, 255]. @param features its feature maps at all content and style layers.
 * @returns five scalars, and one for each layer. Caller disposes.
 */
export function perceptualLoss(
  image: tf.Tensor4D,
  features: FeatureMaps,
  targets: PerceptualTargets,
  weights: PerceptualWeights,
): PerceptualLoss {
  const { styleStatistic: statistic = 'gram' } = weights;
  const units = LOSS_UNITS[weights.units ?? 'relative'];
  const contentLayers = perLayer(weights.contentLayers, (layer) => {
    const maps = at(features, layer);
    return contentLossIn(units, maps, at(targets.content, layer), extentOf(maps, image));
  });
  const content = overLayers(units, weights.contentLayers, contentLayers);
  const styleLayers = perLayer(weights.styleLayers, (layer) => {
    const maps = at(features, layer);
    const compared = { statistic, divisor: maps.shape[3] };
    const found = STYLE_STATISTICS[statistic].of(maps);
    return styleLossIn(units, compared, found, at(targets.style, layer), extentOf(maps, image));
  });
  const style = overLayers(units, weights.styleLayers, styleLayers);
  const tv = TOTAL_VARIATIONS[units.tv](image);
  const lattice = weights.lattice ? latticeLoss(image) : tf.scalar(0);
  const total = tf.tidy(
    () =>
      tf.addN([
        tf.mul(content, weights.content),
        tf.mul(style, weights.style),
        tf.mul(tv, weights.tv),
        tf.mul(lattice, weights.lattice ?? 0),
      ]) as tf.Scalar,
  );
  return { total, content, style, tv, lattice, contentLayers, styleLayers };
}
