import { DataType, nativeBackend, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Cuts images at the right and at the bottom to the size of others.
 *
 * Why not `tf.slice`: it takes the size as numbers, and a function compiled for one size would cut every other one to it.
 * Here the size is read from the tensor when the op runs.
 *
 * @param images [N, H, W, C], float32. @param like [N, h, w, C] with h ≤ H and w ≤ W.
 * @returns [N, h, w, C]. Caller disposes.
 */
export function cropLike(images: tf.Tensor4D, like: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = images.shape;
  const [, h, w] = like.shape;
  const crop = tf.customGrad((x) => ({
    value: tf.tidy(() => {
      const attributes = [typeAttribute('T', DataType.FLOAT), typeAttribute('Index', DataType.INT32)];
      const begin = tf.tensor1d([0, 0, 0, 0], 'int32');
      return nativeBackend().executeSingleOutput('Slice', attributes, [x as tf.Tensor, begin, shapeOf(like)]);
    }),
    gradFunc: (dy: tf.Tensor) =>
      tf.pad(dy, [
        [0, 0],
        [0, height - h],
        [0, width - w],
        [0, 0],
      ]),
  }));
  return crop(images) as tf.Tensor4D;
}

/** A tensor's shape as a tensor, [rank], int32, read when the op runs. Caller disposes. */
export function shapeOf(tensor: tf.Tensor): tf.Tensor1D {
  const attributes = [typeAttribute('T', DataType.FLOAT), typeAttribute('out_type', DataType.INT32)];
  return nativeBackend().executeSingleOutput('Shape', attributes, [tensor]) as tf.Tensor1D;
}
