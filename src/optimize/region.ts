import * as tf from '../engine/tensorflow.ts';
import type { Picture } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';

/**
 * A grey picture as a region: 1 where it is white, 0 where it is black.
 *
 * @returns [1, H, W, 1]. Caller disposes.
 */
export function regionTensor({ pixels, width, height }: Picture): tf.Tensor4D {
  const share = Float32Array.from({ length: width * height }, (_, i) => {
    return (pixels[3 * i]! + pixels[3 * i + 1]! + pixels[3 * i + 2]!) / (3 * 255);
  });
  return tf.tensor4d(share, [1, height, width, 1]);
}

/**
 * A region at the size of a layer's feature maps: averaged two by two as often as the loss network pools, so that each
 * feature has the share of exactly the pixels that it covers.
 *
 * @param size height and width of the feature maps.
 * @returns [1, h, w, 1]. Caller disposes.
 */
export function regionAt(region: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  return tf.tidy(() => {
    let smaller = region.clone();
    while (smaller.shape[1] > height) smaller = tf.avgPool(smaller, 2, 2, 'valid');
    if (smaller.shape[1] !== height || smaller.shape[2] !== width)
      throw new Error(`A region of ${region.shape} does not come to ${height}×${width} by halving.`);
    return smaller;
  });
}

/**
 * Guidance T of a region, ΣT² = 1 (Gatys et al. 2017, §4).
 *
 * @returns [1, h·w, 1]. Caller disposes.
 * @throws {ConfigError} nothing of the region is left at this size.
 */
export function guidanceOf(region: tf.Tensor4D, what: string): tf.Tensor3D {
  const energy = tf.tidy(() => tf.sum(tf.square(region)).dataSync()[0]!);
  if (energy < 1e-6)
    throw new ConfigError(expected(`a mask with something white in it for ${what}`, 'one that is black'));
  return tf.tidy(() => tf.reshape(tf.div(region, Math.sqrt(energy)), [1, -1, 1]) as tf.Tensor3D);
}
