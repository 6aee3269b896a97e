import { DataType } from '../data-type.ts';
import { nativeBackend, stringAttribute, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Adds to each channel its bias. TensorFlow's graph optimiser makes one op of a convolution, this and a ReLU after it,
 * which it does not with `tf.add`.
 *
 * @param images [N, H, W, C], float32. @param bias [C].
 * @returns [N, H, W, C]. Caller disposes.
 */
export function biasAdd(images: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const add = tf.customGrad((x, b) => ({
    value: nativeBackend().executeSingleOutput('BiasAdd', attributes(), [x as tf.Tensor, b as tf.Tensor]),
    gradFunc: (dy: tf.Tensor) => [
      dy.clone(),
      nativeBackend().executeSingleOutput('BiasAddGrad', attributes(), [dy]),
    ],
  }));
  return add(images, bias) as tf.Tensor4D;
}

const attributes = () => [typeAttribute('T', DataType.FLOAT), stringAttribute('data_format', 'NHWC')];
