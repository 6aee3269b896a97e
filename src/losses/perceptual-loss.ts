import * as tf from '../engine/tensorflow.ts';
import { relativeContentLoss } from './content-loss.ts';
import { latticeLoss } from './lattice-loss.ts';
import { STYLE_STATISTICS, type StyleStatistic } from './style-statistic.ts';
import { totalVariation } from './total-variation.ts';

/** Feature maps of one picture by layer name, each [1, H, W, C]. */
export type FeatureMaps = Readonly<Record<string, tf.Tensor4D>>;

/** Layers and their shares; a term is the weighted mean over its layers. */
export type LayerWeights = Readonly<Record<string, number>>;

export interface PerceptualWeights {
  /** Weight of the relative content loss (share of the photo's feature energy). */
  readonly content: number;
  /** Weight of the relative style loss (share of the painting's Gram energy); a scalar where it is known only when run. */
  readonly style: number | tf.Tensor;
  /** Weight of total variation (mean squared grey levels, pixels in [0, 255]). */
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
export interface PerceptualLoss {
  readonly total: tf.Scalar;
  readonly content: tf.Scalar;
  readonly style: tf.Scalar;
  readonly tv: tf.Scalar;
  /** 0 where it has no weight: a picture may then be too small for it. */
  readonly lattice: tf.Scalar;
  /** What `content` and `style` are the weighted means of. */
  readonly contentLayers: LayerLosses;
  readonly styleLayers: LayerLosses;
}

/** What a picture is compared with. */
export interface PerceptualTargets {
  /** The photo's feature maps at the content layers. */
  readonly content: FeatureMaps;
  /** The painting's Gram matrices (or moments) at the style layers, each [1, C, C] (or [1, C + 1, C]). */
  readonly style: Readonly<Record<string, tf.Tensor>>;
}

/** Weighted mean of a term over its layers, so that weights per layer change the balance and not the strength. */
function overLayers(layers: LayerWeights, losses: LayerLosses): tf.Scalar {
  const entries = Object.entries(layers);
  const sum = entries.reduce((total, [, weight]) => total + weight, 0);
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
 * The objective of training and of the reference mode (Gatys et al. 2016, eq. 7; Johnson et al. 2016, eq. 5), with
 * every term as a share:
 *
 *   L = content · Σ_l c_l ‖F_l − P_l‖² / ‖P_l‖²  +  style · Σ_l s_l ‖G_l − A_l‖² / ‖A_l‖²  +  tv · TV(image)
 *       +  lattice · Lattice(image)
 *
 * with c and s normalised to sum 1. With `styleStatistic: 'moments'` the style term is `relativeMomentLoss`.
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
  const contentLayers = perLayer(weights.contentLayers, (layer) =>
    relativeContentLoss(at(features, layer), at(targets.content, layer)),
  );
  const content = overLayers(weights.contentLayers, contentLayers);
  const statistic = STYLE_STATISTICS[weights.styleStatistic ?? 'gram'];
  const styleLayers = perLayer(weights.styleLayers, (layer) =>
    statistic.loss(statistic.of(at(features, layer)), at(targets.style, layer)),
  );
  const style = overLayers(weights.styleLayers, styleLayers);
  const tv = totalVariation(image);
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
