import type { Picture, Samples } from '../picture.ts';
import { toFloats } from './samples.ts';
import * as tf from './tensorflow.ts';

/**
 * A picture's pixels as a tensor.
 *
 * @returns [1, H, W, 3], float32 in [0, 255]. Caller disposes.
 */
export function toTensor({ pixels, width, height }: Picture<Samples>): tf.Tensor4D {
  return tf.tensor4d(toFloats(pixels), [1, height, width, 3]);
}
