import * as tf from '../engine/tensorflow.ts';
import { type Reduction, sumOf } from './reduction.ts';

/**
 * First and second moments of feature maps over positions: covariance and mean of the channels, in one tensor.
 *
 *   μ[c] = 1 / (H·W) · Σ_hw φ[h, w, c]
 *   Σ[c, c′] = 1 / (H·W) · Σ_hw (φ[h, w, c] − μ[c]) (φ[h, w, c′] − μ[c′])
 *
 * Rectified features are far from centred, and of a Gram matrix's energy at the deep layers 95 % and more is the
 * product of means: the painting's colour and brightness again. The covariance describes its drawing. Separated, both
 * count. (Statistics of the features' distribution as style: Li et al. 2017, 'Demystifying Neural Style
 * Transfer', §4.)
 *
 * @param featureMaps [N, H, W, C], float32.
 * @returns [N, C + 1, C]: the covariance's C rows, then the mean. Caller disposes.
 */
export function momentMatrix(featureMaps: tf.Tensor4D): tf.Tensor3D {
  const [count, height, width, channels] = featureMaps.shape;
  return tf.tidy(() => {
    const positions = tf.reshape(featureMaps, [count, height * width, channels]);
    const mean = tf.mean(positions, 1, true);
    // Centred first: in bf16 the difference of two large products would be mostly rounding.
    const centred = tf.sub(positions, mean);
    const covariance = tf.div(tf.matMul(centred, centred, true, false), height * width);
    return tf.concat([covariance, mean], 1) as tf.Tensor3D;
  });
}

/**
 * Style loss of one layer by moments, as shares of the painting's own:
 *
 *   E = ‖Σ − Σ_A‖² / ‖Σ_A‖²  +  ‖μ − μ_A‖² / tr Σ_A
 *
 * Means are compared with the painting's own spread about them, so that a difference counts where it can be seen.
 * Differs from Gatys et al. (2016), who compare Gram matrices (`relativeStyleLoss`).
 *
 * @param moments [N, C + 1, C]. @param target the painting's, [1, C + 1, C], or one for each picture.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function relativeMomentLoss(moments: tf.Tensor, target: tf.Tensor, of: Reduction = 'all'): tf.Tensor {
  const channels = target.shape[2]!;
  return tf.tidy(() => {
    const [covariance, mean] = tf.split(moments, [channels, 1], 1);
    const [covarianceTarget, meanTarget] = tf.split(target, [channels, 1], 1);
    const spread = sumOf(of, tf.mul(covarianceTarget!, tf.eye(channels)));
    const share = (squares: tf.Tensor, energy: tf.Tensor) =>
      tf.div(squares, tf.maximum(energy, SMALLEST_ENERGY));
    return tf.add(
      share(
        sumOf(of, tf.squaredDifference(covariance!, covarianceTarget!)),
        sumOf(of, tf.square(covarianceTarget!)),
      ),
      share(sumOf(of, tf.squaredDifference(mean!, meanTarget!)), spread),
    );
  });
}

/** Keeps the shares finite for a painting of which a layer sees nothing. */
const SMALLEST_ENERGY = 1e-30;
