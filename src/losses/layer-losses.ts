/** Content and style of one layer in any units: what training and optimisation both put their objective together from. */
import * as tf from '../engine/tensorflow.ts';
import { relativeContentLoss } from './content-loss.ts';
import type { LayerExtent, LossUnits } from './loss-units.ts';
import { STYLE_STATISTICS, type StyleStatistic } from './style-statistic.ts';

/** @param picture [1, H, W, C] that the feature maps belong to. */
export function extentOf(featureMaps: tf.Tensor4D, picture: tf.Tensor4D): LayerExtent {
  const [, height, width, channels] = featureMaps.shape;
  return { channels, positions: height * width, pixels: picture.shape[1] * picture.shape[2] };
}

/**
 * @param featureMaps F, [1, H, W, C]. @param target P, the photo's, of the same shape.
 * @returns scalar. Caller disposes.
 */
export function contentLossIn(
  { content }: LossUnits,
  featureMaps: tf.Tensor,
  target: tf.Tensor,
  extent: LayerExtent,
): tf.Scalar {
  if (content === 'share') return relativeContentLoss(featureMaps, target);
  return squaresTimes(content(extent), featureMaps, target);
}

/** What of a layer's feature maps is compared with the painting's. */
export interface ComparedStyle {
  /** Shares alone know moments. */
  readonly statistic: StyleStatistic;
  /** What a Gram matrix was divided by, over the number of positions: C for `gramMatrix`, 1 for a mean over positions. */
  readonly divisor: number;
}

/**
 * @param found [1, C, C] or [1, C + 1, C], the picture's statistic. @param target the painting's, of the same shape.
 * @returns scalar. Caller disposes.
 */
export function styleLossIn(
  { style }: LossUnits,
  { statistic, divisor }: ComparedStyle,
  found: tf.Tensor,
  target: tf.Tensor,
  extent: LayerExtent,
): tf.Scalar {
  if (style === 'share') return STYLE_STATISTICS[statistic].loss(found, target);
  return squaresTimes(style(extent) * divisor ** 2, found, target);
}

function squaresTimes(factor: number, found: tf.Tensor, target: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.sum(tf.squaredDifference(found, target)), factor) as tf.Scalar);
}
