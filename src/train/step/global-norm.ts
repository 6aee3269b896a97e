import * as tf from '../../engine/tensorflow.ts';

/** Euclidean norm of all numbers of some tensors together: not finite as soon as one of them is not. Caller disposes. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))));
}
