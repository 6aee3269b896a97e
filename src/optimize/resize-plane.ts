import * as tf from '../engine/tensorflow.ts';

type Shape = readonly [number, number, number, number];

/**
 * Bilinear resizing of what belongs to pixels: iterates, steps, moments; values of any range.
 *
 * @param values H·W·C of `from`. @returns those of `to`, [1, H′, W′, C].
 */
export function resizePlane(values: Float32Array, from: Shape, to: Shape): Float32Array {
  return tf.tidy(() => {
    const size: [number, number] = [to[1], to[2]];
    const resized = tf.image.resizeBilinear(tf.tensor4d(values, [...from]), size, false, true);
    return resized.dataSync() as Float32Array;
  });
}
