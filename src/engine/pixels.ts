import * as tf from './tensorflow.ts';

/** A picture as networks take it: RGB, interleaved, 8 bit, sRGB. */
export interface PixelPicture {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * A picture's pixels as a tensor.
 *
 * @returns [1, H, W, 3], float32 in [0, 255]. Caller disposes.
 */
export function toTensor({ pixels, width, height }: PixelPicture): tf.Tensor4D {
  return tf.tensor4d(new Float32Array(pixels), [1, height, width, 3]);
}
