import { toFloats } from '../../engine/pixels.ts';
import type { Picture, PictureSize, PixelRows, Samples } from '../../picture.ts';

/** Rows at once where a picture is gone through from the top: enough that what bands share costs little. */
export const BAND_VALUES = 2 ** 22;

/** The rows of a picture in memory. */
export function rowsOf({ pixels, width, height }: Picture<Samples>): PixelRows {
  const read = (from: number, to: number): Samples => pixels.subarray(3 * width * from, 3 * width * to);
  return { width, height, read };
}

/** Rows of 8 or 16 bit as values. */
export function asValues(rows: PixelRows): PixelRows<Float32Array> {
  const { width, height } = rows;
  return { width, height, read: (from, to) => toFloats(rows.read(from, to)) };
}

/** Goes through a picture from the top in bands of a bounded number of values. */
export function* bandsOf({ width, height }: PictureSize) {
  const rows = Math.max(16, Math.floor(BAND_VALUES / (3 * width)));
  for (let from = 0; from < height; from += rows) yield { from, to: Math.min(height, from + rows) };
}
