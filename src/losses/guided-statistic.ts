import * as tf from '../engine/tensorflow.ts';
import type { StyleStatistic } from './style-statistic.ts';

/**
 * Style statistics over a part of the picture: every position counts by its guidance T, normalised to ΣT² = 1
 * (Gatys et al. 2017, 'Controlling Perceptual Factors in Neural Style Transfer', §4):
 *
 *   φ_T = T ∘ φ,   G_T = Σ φ_T φ_Tᵀ        moments: μ = Σ T² φ,   Σ = Σ T² (φ − μ)(φ − μ)ᵀ
 *
 * With T² = 1/M everywhere these are the means over all M positions.
 *
 * @param featureMaps [1, H, W, C], float32. @param guidance T, [1, H·W, 1].
 * @returns [1, C, C] (gram, averaged over positions) or [1, C + 1, C] (moments). Caller disposes.
 */
export function guidedStatistic(
  statistic: StyleStatistic,
  featureMaps: tf.Tensor4D,
  guidance: tf.Tensor,
): tf.Tensor3D {
  const [, height, width, channels] = featureMaps.shape;
  return tf.tidy(() => {
    const positions = tf.reshape(featureMaps, [1, height * width, channels]);
    if (statistic === 'gram') return outerSum(tf.mul(positions, guidance));
    const mean = tf.sum(tf.mul(positions, tf.square(guidance)), 1, true);
    const covariance = outerSum(tf.mul(tf.sub(positions, mean), guidance));
    return tf.concat([covariance, mean], 1) as tf.Tensor3D;
  });
}

const outerSum = (rows: tf.Tensor): tf.Tensor3D => tf.matMul(rows, rows, true, false) as tf.Tensor3D;
