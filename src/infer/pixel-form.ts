import { bytesTensor, packBytes, unpackBytes } from '../engine/ops/bytes.ts';
import { toTensor } from '../engine/pixels.ts';
import { requireNumbers, toSamples } from '../engine/samples.ts';
import * as tf from '../engine/tensorflow.ts';
import type { Picture, Samples } from '../picture.ts';

/** How pixels come to a network and go: as bytes where picture and painted picture are of 8 bits, else as floats. */
export type PixelForm = 'bytes' | 'floats';

/** What a network answers of the painted pixels. */
export type PaintedTensors = {
  /** [1, H, W, 3], or these packed as bytes. */
  readonly painted: tf.Tensor;
  /** The first pixel as it was before it became bytes, [1, 1, 1, 3]. */
  readonly first?: tf.Tensor | undefined;
};

/** @param bits of each painted sample. */
export function pixelFormOf({ pixels }: Picture<Samples>, bits: 8 | 16): PixelForm {
  return pixels instanceof Uint8Array && bits === 8 ? 'bytes' : 'floats';
}

/** Names of the inputs that are bytes (`FunctionOptions.bytes`). */
export const bytesOfForm = (form: PixelForm): readonly string[] => (form === 'bytes' ? ['image'] : []);

/** A picture as a network's input `image`, [1, H, W, 3]. Caller disposes. */
export function imageOfForm(picture: Picture<Samples>, form: PixelForm): tf.Tensor4D {
  if (form === 'floats') return toTensor(picture);
  const { pixels, width, height } = picture as Picture;
  return bytesTensor(pixels, [1, height, width, 3]) as tf.Tensor4D;
}

/** A network's outputs of its painted pixels, [1, H, W, 3] in [0, 255]; part of what is compiled. */
export function outputsOfForm(painted: tf.Tensor4D, form: PixelForm): PaintedTensors {
  if (form === 'floats') return { painted };
  return { painted: packBytes(painted), first: tf.slice(painted, [0, 0, 0, 0], [1, 1, 1, 3]) };
}

/**
 * The samples of painted pixels, rounded to the nearest; the tensors are disposed of.
 *
 * @param size of the painted picture. @param bits of each sample; 16 of floats only.
 * @throws {CheckpointError} they are NaN.
 */
export function samplesOfForm(
  { painted, first }: PaintedTensors,
  { width, height }: { readonly width: number; readonly height: number },
  bits: 8 | 16,
): Samples {
  try {
    const values = (first ?? painted).dataSync();
    requireNumbers(values);
    return first === undefined ? toSamples(values, bits) : unpackBytes(painted, 3 * width * height);
  } finally {
    tf.dispose([painted, first]);
  }
}
