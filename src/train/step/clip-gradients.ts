import * as tf from '../../engine/tensorflow.ts';
import { globalNorm } from './global-norm.ts';

/**
 * A gradient that is no longer than a limit: g · min(1, c / ‖g‖), with the norm over all parameters together (Pascanu, Mikolov
 * and Bengio 2013, 'On the difficulty of training recurrent neural networks', algorithm 1). What is not finite stays so.
 *
 * @param gradients one per parameter. @param limit c, above 0. @returns new tensors; the caller disposes of both.
 */
export function clippedGradients(gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] {
  return tf.tidy(() => {
    const factor = tf.div(limit, tf.maximum(globalNorm(gradients), limit));
    return gradients.map((gradient) => tf.mul(gradient, factor));
  });
}
