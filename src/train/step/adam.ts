import * as tf from '../../engine/tensorflow.ts';

/** Kingma & Ba 2015, algorithm 1; their defaults. */
export const BETA1 = 0.9;
export const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam's memory: first and second moments per parameter, and β₁ᵗ, β₂ᵗ as scalars. */
export interface AdamState {
  readonly first: readonly tf.Tensor[];
  readonly second: readonly tf.Tensor[];
  readonly beta1Power: tf.Tensor;
  readonly beta2Power: tf.Tensor;
}

/** Before the first step. Caller disposes. */
export function initialAdamState(parameters: readonly tf.Tensor[]): AdamState {
  const zeros = () => parameters.map((parameter) => tf.zerosLike(parameter));
  return { first: zeros(), second: zeros(), beta1Power: tf.scalar(1), beta2Power: tf.scalar(1) };
}

/**
 * One step of Adam as a pure function (Kingma & Ba 2015, algorithm 1, with the bias corrections folded into the rate, §2):
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *   w ← w − rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)
 *
 * @param learningRate scalar.
 * @returns new tensors. Caller disposes.
 */
export function adamStep(
  parameters: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  state: AdamState,
  learningRate: tf.Tensor,
): { readonly parameters: tf.Tensor[]; readonly state: AdamState } {
  const beta1Power = tf.mul(state.beta1Power, BETA1);
  const beta2Power = tf.mul(state.beta2Power, BETA2);
  const rate = tf.mul(learningRate, tf.div(tf.sqrt(tf.sub(1, beta2Power)), tf.sub(1, beta1Power)));
  const first = gradients.map((g, i) => tf.add(tf.mul(state.first[i]!, BETA1), tf.mul(g, 1 - BETA1)));
  const second = gradients.map((g, i) =>
    tf.add(tf.mul(state.second[i]!, BETA2), tf.mul(tf.square(g), 1 - BETA2)),
  );
  const next = parameters.map((w, i) =>
    tf.sub(w, tf.mul(rate, tf.div(first[i]!, tf.add(tf.sqrt(second[i]!), EPSILON)))),
  );
  return { parameters: next, state: { first, second, beta1Power, beta2Power } };
}
