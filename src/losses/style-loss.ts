import * as tf from '../engine/tensorflow.ts';
import { type Reduction, sumOf } from './reduction.ts';

/**
 * Style loss of one layer: the squared distance of a picture's Gram matrix to the painting's.
 *
 *   E = 1 / (4 N² M²) · Σ (G − A)²        (Gatys et al. 2016, eq. 4; N channels, M = H·W positions)
 *
 * Gatys' G is a plain sum over positions. Ours (`gramMatrix`) is divided by N·M, so the same number is ¼ Σ (G − A)²,
 * and picture and painting may differ in size.
 *
 * @param gram G, [1, C, C]. @param target A, the painting's, [1, C, C].
 * @returns scalar. Caller disposes.
 */
export function styleLoss(gram: tf.Tensor, target: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.sum(tf.squaredDifference(gram, target)), 0.25) as tf.Scalar);
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
