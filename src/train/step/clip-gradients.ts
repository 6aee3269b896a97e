import * as tf from '../../engine/tensorflow.ts';
import { globalNorm } from './global-norm.ts';

/**
 * A gradient that is no longer than a limit: g · min(1, c / ‖g‖), with the norm over all parameters together (Pascanu, Mikolov
 * and Bengio 2013, 'On the difficulty of training recurrent neural networks', algorithm 1). What is not finite stays so.
 *
 * @param gradients by parameter. @param limit c, above 0. @returns new tensors; the caller disposes of both.
 */
export function clippedGradients<Gradients extends Readonly<Record<string, tf.Tensor>>>(
  gradients: Gradients,
  limit: number,
): Gradients {
  return tf.tidy(() => {
    const factor = tf.div(limit, tf.maximum(globalNorm(Object.values(gradients)), limit));
    const clipped = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]);
    return Object.fromEntries(clipped) as Gradients;
  });
}
