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

/**
 * Values in [0, 255] as 8-bit pixels, rounded to the nearest; what lies beyond is clipped.
 *
 * A clamped array does so in one go: a hundred times faster than a callback per value, and `Uint8Array` itself would cut off
 * and wrap.
 */
export function toPixels(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(new Uint8ClampedArray(values).buffer);
}
