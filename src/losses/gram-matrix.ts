import * as tf from '../engine/tensorflow.ts';
import { type Reduction, sumOf } from './reduction.ts';

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

/**
 * Style loss of one layer as a share of the painting's own Gram energy: 0 for the painting, about 1 for a blank picture.
 *
 *   E = Σ (G − A)² / Σ A²
 *
 * Differs from Johnson et al. (2016, eq. 4), whose squared Frobenius distance is not divided: the share means the same
 * for every painting, layer and loss network, so that one weight does.
 *
 * @param gram G, [N, C, C]. @param target A, the painting's, [1, C, C], or one for each picture.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function relativeStyleLoss(gram: tf.Tensor, target: tf.Tensor, of: Reduction = 'all'): tf.Tensor {
  return tf.tidy(() => {
    const energy = tf.maximum(sumOf(of, tf.square(target)), SMALLEST_ENERGY);
    return tf.div(sumOf(of, tf.squaredDifference(gram, target)), energy);
  });
}

/** Keeps the share finite for a painting of which a layer sees nothing. */
const SMALLEST_ENERGY = 1e-30;
