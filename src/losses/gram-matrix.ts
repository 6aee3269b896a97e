import * as tf from '../engine/tensorflow.ts';

/**
 * Gram matrix of feature maps: which channels fire together, wherever they fire.
 *
 *   G[c, c′] = 1 / (C·H·W) · Σ_hw φ[h, w, c] · φ[h, w, c′]        (Johnson et al. 2016, §3.2)
 *
 * Gatys et al. (2016, eq. 3) leave the divisor to the loss: with N = C channels and M = H·W positions their G is
 * this one times N·M.
 *
 * @param featureMaps [N, H, W, C], float32.
 * @returns [N, C, C], symmetric, float32. Caller disposes.
 */
export function gramMatrix(featureMaps: tf.Tensor4D): tf.Tensor3D {
  const [count, height, width, channels] = featureMaps.shape;
  return tf.tidy(() => {
    const positions = tf.reshape(featureMaps, [count, height * width, channels]);
    return tf.div(tf.matMul(positions, positions, true, false), channels * height * width);
  });
}
