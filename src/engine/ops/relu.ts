import { DataType } from '../data-type.ts';
import { nativeBackend, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Rectification, max(x, 0), with TensorFlow's own gradient: what flows back where the result is positive.
 *
 * Why not `tf.relu`: tfjs 4.22 composes its gradient of a comparison, a look for NaN, two selections and a product, five
 * passes over memory in f32, which in a training step in bf16 took longer than the loss network's convolutions did.
 *
 * @param x of any shape, float32.
 * @returns of the same shape. Caller disposes.
 */
export function relu<T extends tf.Tensor>(x: T): T {
  const rectify = tf.customGrad((x, save) => {
    const y = nativeBackend().executeSingleOutput('Relu', attributes(), [x as tf.Tensor]);
    (save as tf.GradSaveFunc)([y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [y]: tf.Tensor[]) =>
        nativeBackend().executeSingleOutput('ReluGrad', attributes(), [dy, y!]),
    };
  });
  return rectify(x) as T;
}

const attributes = () => [typeAttribute('T', DataType.FLOAT)];
