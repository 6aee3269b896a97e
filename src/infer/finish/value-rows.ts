import { type PixelSamples, type SampledPicture, toFloats } from '../../engine/pixels.ts';
import type { PixelRows } from '../bands/picture-rows.ts';

/** A picture whose rows can be had in any order, as values: RGB, interleaved, sRGB, in [0, 255] with fractions. */
export interface ValueRows {
  readonly width: number;
  readonly height: number;
  /** Rows from `from` to before `to`, [to − from, width, 3], which are the caller's. */
  read(from: number, to: number): Float32Array;
}

/** Rows at once where a picture is gone through from the top: enough that what bands share costs little. */
export const BAND_VALUES = 2 ** 22;

/** The rows of a picture in memory. */
export function rowsOf({ pixels, width, height }: SampledPicture): PixelRows {
  const read = (from: number, to: number): PixelSamples => pixels.subarray(3 * width * from, 3 * width * to);
  return { width, height, read };
}

/** Rows of 8 or 16 bit as values. */
export function asValues(rows: PixelRows): ValueRows {
  const { width, height } = rows;
  return { width, height, read: (from, to) => toFloats(rows.read(from, to)) };
}

/** Goes through a picture from the top in bands of a bounded number of values. */
export function* bandsOf({ width, height }: { readonly width: number; readonly height: number }) {
  const rows = Math.max(16, Math.floor(BAND_VALUES / (3 * width)));
  for (let from = 0; from < height; from += rows) yield { from, to: Math.min(height, from + rows) };
}
