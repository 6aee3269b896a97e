import { DataType } from '../data-type.ts';
import { nativeBackend, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { shapeOf } from './pad-border.ts';
import { castAttributes, inSteps } from './untyped-steps.ts';

/** The largest finite half. */
const LARGEST = 65504;

/**
 * Rounds a tensor to half precision (11 significant bits) and lays two halves into each float32's place: half the room for
 * what is to be kept. What is beyond ±65504, where halves become infinite, is cut there.
 *
 * The result is of type float32, as the engine's tensors are, but its values are bit patterns without meaning: it may be
 * cut, joined and copied, nothing else. No gradient.
 *
 * @param images [N, H, W, C], float32, C even.
 * @returns [N, H, W, C/2]. Caller disposes.
 */
export function packHalves(images: tf.Tensor4D): tf.Tensor4D {
  const channels = images.shape[3];
  if (channels % 2 === 1) throw new RangeError(`Cannot pack ${channels} channels in pairs.`);
  return tf.tidy(() => {
    const pairs = reshaped(tf.clipByValue(images, -LARGEST, LARGEST), images, [channels / 2, 2]);
    return inSteps(pairs, [
      ['Cast', castAttributes(DataType.FLOAT, DataType.HALF)],
      ['Bitcast', [typeAttribute('T', DataType.HALF), typeAttribute('type', DataType.FLOAT)]],
    ]) as tf.Tensor4D;
  });
}

/**
 * The numbers that `packHalves` has laid together.
 *
 * @param packed [N, H, W, C/2].
 * @returns [N, H, W, C], float32. Caller disposes.
 */
export function unpackHalves(packed: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const pairs = inSteps(packed, [
      ['Bitcast', [typeAttribute('T', DataType.FLOAT), typeAttribute('type', DataType.HALF)]],
      ['Cast', castAttributes(DataType.HALF, DataType.FLOAT)],
    ]);
    return reshaped(pairs, packed, [2 * packed.shape[3]]) as tf.Tensor4D;
  });
}

/** `x` as [N, H, W of `like`, …last]; sizes are read when the op runs. */
function reshaped(x: tf.Tensor, like: tf.Tensor4D, last: readonly number[]): tf.Tensor {
  const shape = tf.concat([tf.slice(shapeOf(like), [0], [3]), tf.tensor1d([...last], 'int32')]);
  const attributes = [typeAttribute('T', DataType.FLOAT), typeAttribute('Tshape', DataType.INT32)];
  return nativeBackend().executeSingleOutput('Reshape', attributes, [x, shape]);
}
