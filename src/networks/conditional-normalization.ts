/** Conditional instance normalisation in a graph (`conditional-parameters.ts`): which style is an input. */
import * as tf from '../engine/tensorflow.ts';
import type { TransformNetParameters } from './transform-net.ts';
import { isOfStyle } from './transform-net-parameters.ts';

/**
 * The parameters of one style, as `transformNet` takes them: Σ_s choice[s] · γ_s, and the same of β. As a sum of products,
 * since a graph in bf16 would round a matrix product; of a one-hot choice the result is exact, and the other styles' gradient 0.
 *
 * @param parameters scales and offsets [S, C], the rest shared. @param choice [S]: 1 for the style, 0 for all others; of several
 *   pictures [N, S].
 * @returns scales and offsets [C], of several pictures [N, C], new tensors; the rest are those given. Caller disposes.
 */
export function chooseStyle(parameters: TransformNetParameters, choice: tf.Tensor): TransformNetParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => [
      name,
      isOfStyle(name) ? weightedSum(tensor, choice) : tensor,
    ]),
  );
}

/** Σ_s weights[(n,) s] · values[s, …] for values [S, …], weights [S] or [N, S]. Caller disposes. */
export function weightedSum(values: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  const [, ...rest] = values.shape;
  const wide = [...weights.shape, ...rest.map(() => 1)];
  return tf.tidy(() => tf.sum(tf.mul(values, tf.reshape(weights, wide)), weights.rank - 1));
}
