import * as tf from '../engine/tensorflow.ts';
import type { LayerExtent } from './loss-units.ts';

/** @param picture [1, H, W, C] that the feature maps belong to. */
export function extentOf(featureMaps: tf.Tensor4D, picture: tf.Tensor4D): LayerExtent {
  const [, height, width, channels] = featureMaps.shape;
  return { channels, positions: height * width, pixels: picture.shape[1] * picture.shape[2] };
}

/** factor · Σ (found − target)². Caller disposes. */
export function squaresTimes(factor: number, found: tf.Tensor, target: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.sum(tf.squaredDifference(found, target)), factor) as tf.Scalar);
}
