import * as tf from '../../engine/tensorflow.ts';

/** Kingma & Ba 2015, algorithm 1; their defaults. */
export const BETA1 = 0.9;
export const BETA2 = 0.999;
const EPSILON = 1e-8;

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Adam's memory: first and second moments per parameter, and β₁ᵗ, β₂ᵗ as scalars. */
export type AdamState = {
  readonly first: Tensors;
  readonly second: Tensors;
  readonly beta1Power: tf.Tensor;
  readonly beta2Power: tf.Tensor;
};

/** Before the first step. Caller disposes. */
export function initialAdamState(parameters: Tensors): AdamState {
  const zeros = () => each(parameters, (parameter) => tf.zerosLike(parameter));
  return { first: zeros(), second: zeros(), beta1Power: tf.scalar(1), beta2Power: tf.scalar(1) };
}

/**
 * One step of Adam as a pure function (Kingma & Ba 2015, algorithm 1, with the bias corrections folded into the rate, §2):
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *   w ← w − rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)
 *
 * @param gradients of the parameters, by their names. @param learningRate scalar.
 * @returns new tensors. Caller disposes.
 */
export function adamStep(
  parameters: Tensors,
  gradients: Tensors,
  state: AdamState,
  learningRate: tf.Tensor,
): { readonly parameters: Tensors; readonly state: AdamState } {
  const beta1Power = tf.mul(state.beta1Power, BETA1);
  const beta2Power = tf.mul(state.beta2Power, BETA2);
  const rate = tf.mul(learningRate, tf.div(tf.sqrt(tf.sub(1, beta2Power)), tf.sub(1, beta1Power)));
  const first = each(gradients, (g, name) => tf.add(tf.mul(state.first[name]!, BETA1), tf.mul(g, 1 - BETA1)));
  const second = each(gradients, (g, name) =>
    tf.add(tf.mul(state.second[name]!, BETA2), tf.mul(tf.square(g), 1 - BETA2)),
  );
  const next = each(parameters, (w, name) =>
    tf.sub(w, tf.mul(rate, tf.div(first[name]!, tf.add(tf.sqrt(second[name]!), EPSILON)))),
  );
  return { parameters: next, state: { first, second, beta1Power, beta2Power } };
}

function each(tensors: Tensors, make: (tensor: tf.Tensor, name: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, make(tensor, name)]));
}

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

/** Euclidean norm of all numbers of some tensors together: not finite as soon as one of them is not. Caller disposes. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))));
}
