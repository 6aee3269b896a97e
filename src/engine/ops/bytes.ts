/**
 * Samples of 8 bits on their way to a device and back: a quarter of what floats take, and JavaScript neither widens nor rounds
 * them.
 */
import { DataType } from '../data-type.ts';
import { nativeBackend, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { shapeOf } from './pad-border.ts';
import { castAttributes, inSteps } from './untyped-steps.ts';

/** Bytes in a float32. */
const IN_A_FLOAT = 4;

/**
 * Bytes as a tensor, for an input that a compiled function takes as bytes (`FunctionOptions.bytes`) and for nothing else: tfjs
 * believes it to be of type int32. TensorFlow borrows the array, which must stay as it is meanwhile. Caller disposes.
 */
export function bytesTensor(bytes: Uint8Array, shape: readonly number[]): tf.Tensor {
  const backend = nativeBackend();
  const id = backend.binding.createTensor([...shape], DataType.UINT8, bytes);
  return backend.createOutputTensor({ id, shape: [...shape], dtype: DataType.UINT8 });
}

/** Whether a tensor is one of `bytesTensor`. */
export function areBytes({ dataId }: tf.Tensor): boolean {
  return nativeBackend().tensorMap.get(dataId).dtype === DataType.UINT8;
}

/** A tensor of `bytesTensor` as float32. Caller disposes. */
export function bytesAsFloats(bytes: tf.Tensor): tf.Tensor {
  return nativeBackend().executeSingleOutput('Cast', castAttributes(DataType.UINT8, DataType.FLOAT), [bytes]);
}

/** `tf.slice`, also of a tensor of `bytesTensor`. Caller disposes. */
export function sliceOf(tensor: tf.Tensor, begin: readonly number[], size: readonly number[]): tf.Tensor {
  if (!areBytes(tensor)) return tf.slice(tensor, [...begin], [...size]);
  return tf.tidy(() => {
    const places = [begin, size].map((each) => tf.tensor1d([...each], 'int32'));
    const attributes = [typeAttribute('T', DataType.UINT8), typeAttribute('Index', DataType.INT32)];
    return nativeBackend().executeSingleOutput('Slice', attributes, [tensor, ...places]);
  });
}

/**
 * Rounds values to bytes, ties to even, with what lies beyond [0, 255] cut there, and lays four into each float32's place. The result
 * is of type float32, as what compiled functions answer, but its values are bit patterns without meaning. NaN becomes any byte. No
 * gradient.
 *
 * @param values of any shape, float32.
 * @returns [⌈n / 4⌉] for n values; the last bytes may be filling. Caller disposes.
 */
export function packBytes(values: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const flat = tf.reshape(tf.round(tf.clipByValue(values, 0, 255)), [-1]);
    // Sizes are read when the op runs: those of a picture of any size are not known before.
    const filling = tf.mod(tf.neg(shapeOf(flat)), tf.scalar(IN_A_FLOAT, 'int32'));
    const paddings = tf.reshape(tf.concat([tf.tensor1d([0], 'int32'), filling]), [1, 2]);
    const fours = tf.tensor1d([-1, IN_A_FLOAT], 'int32');
    const bytes = typeAttribute('T', DataType.UINT8);
    return inSteps(flat, [
      ['Cast', castAttributes(DataType.FLOAT, DataType.UINT8)],
      ['Pad', [bytes, typeAttribute('Tpaddings', DataType.INT32)], [paddings]],
      ['Reshape', [bytes, typeAttribute('Tshape', DataType.INT32)], [fours]],
      ['Bitcast', [bytes, typeAttribute('type', DataType.FLOAT)]],
    ]) as tf.Tensor1D;
  });
}

/** Reads the bytes that `packBytes` has laid together. @param count n. */
export function unpackBytes(packed: tf.Tensor, count: number): Uint8Array {
  const { buffer, byteOffset } = packed.dataSync();
  return new Uint8Array(buffer, byteOffset, count);
}
