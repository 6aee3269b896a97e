import * as tf from '../engine/tensorflow.ts';
import type { LayerExtent } from './loss-units.ts';
import { type Reduction, sumOf } from './reduction.ts';

/** @param picture [N, H, W, C] that the feature maps belong to. */
export function extentOf(featureMaps: tf.Tensor4D, picture: tf.Tensor4D): LayerExtent {
  const [, height, width, channels] = featureMaps.shape;
  return { channels, positions: height * width, pixels: picture.shape[1] * picture.shape[2] };
}

/** factor · Σ (found − target)². Caller disposes. */
export function squaresTimes(factor: number, found: tf.Tensor, target: tf.Tensor, of: Reduction): tf.Tensor {
  return tf.tidy(() => tf.mul(sumOf(of, tf.squaredDifference(found, target)), factor));
}
