import { type ColorMap, mapColors } from '../../data/color-transfer.ts';
import { luminanceOf, withLuminance } from '../../data/luminance.ts';
import { toFloats, toSamples } from '../../engine/samples.ts';
import type { Picture, PictureSize, PixelRows, Samples } from '../../picture.ts';
import { isPlainLook, type Look, paintedShare } from './look.ts';
import { ResampledRows } from './resampled-rows.ts';

/** What is done with a painted pixel; it sees the photo's at the same place. */
export interface Finish {
  /** `luminance` keeps the photo's chroma; a map brings the painting's colours to the photo's distribution. */
  readonly colors?: 'luminance' | ColorMap;
  /** The painting's share everywhere, 0 to 1. */
  readonly share: number;
  /** White is painted, black is the photo. As large as the photo. */
  readonly mask?: PixelRows<Float32Array>;
}

/** A painted picture with its colours, its share and its mask, in this order. May leave [0, 255]. */
export class FinishedRows implements PixelRows<Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly #painted: PixelRows<Float32Array>;
  readonly #photo: PixelRows<Float32Array>;
  readonly #finish: Finish;

  /** @param photo as large as the painting. */
  constructor(painted: PixelRows<Float32Array>, photo: PixelRows<Float32Array>, finish: Finish) {
    this.width = painted.width;
    this.height = painted.height;
    this.#painted = painted;
    this.#photo = photo;
    this.#finish = finish;
  }

  read(from: number, to: number): Float32Array {
    const { colors, share, mask } = this.#finish;
    const painted = this.#painted.read(from, to);
    if (colors === undefined && share === 1 && mask === undefined) return painted;
    const photo = this.#photo.read(from, to);
    const coloured =
      colors === undefined
        ? painted
        : colors === 'luminance'
          ? withLuminance(photo, luminanceOf(painted))
          : mapColors(painted, colors);
    const region = mask?.read(from, to);
    if (share === 1 && region === undefined) return coloured;
    for (let i = 0; i < coloured.length; i++) {
      // A value beyond the range would be seen through a small share.
      const value = Math.min(255, Math.max(0, coloured[i]!));
      const own = region === undefined ? share : (share * Math.min(255, Math.max(0, region[i]!))) / 255;
      // Exactly the photo at 0 and the painting at 1.
      coloured[i] = own === 1 ? value : photo[i]! + own * (value - photo[i]!);
    }
    return coloured;
  }
}

/** Of a look, how much of the photo is in the picture, and where. */
export type Mixing = Pick<Look, 'amount' | 'mask' | 'invertMask'>;

/** A look without its mixing, which is left to `mixedWithPhoto`; undefined where nothing remains. */
export function unmixed({ amount: _, mask: __, invertMask: ___, ...look }: Look): Look | undefined {
  const rest = { ...look, amount: 1 };
  return isPlainLook(rest) ? undefined : rest;
}

/** Whether there is nothing to mix. */
export const isWhole = ({ amount, mask }: Mixing): boolean => amount === 1 && mask === undefined;

/** The painting where and as much as is wanted, the photo elsewhere: exactly, where the mask is black. Both of one size. */
export function mixedWithPhoto(
  painted: Picture,
  photo: Picture,
  { amount, mask, invertMask = false }: Mixing,
): Picture {
  const { width, height } = photo;
  const ground = asValues(rowsOf(photo));
  const region = mask === undefined ? {} : { mask: maskRows(mask, photo, invertMask) };
  const rows = new FinishedRows(asValues(rowsOf(painted)), ground, {
    share: paintedShare(amount),
    ...region,
  });
  const pixels = new Uint8Array(3 * width * height);
  for (const { from, to } of bandsOf(photo)) pixels.set(toSamples(rows.read(from, to), 8), 3 * width * from);
  return { pixels, width, height };
}

/** A mask, stretched over the photo. */
export function maskRows(mask: Picture, photo: PictureSize, invert: boolean): PixelRows<Float32Array> {
  const rows = new ResampledRows(asValues(rowsOf(mask)), photo);
  if (!invert) return rows;
  const read = (from: number, to: number) => rows.read(from, to).map((value) => 255 - value);
  return { width: rows.width, height: rows.height, read };
}

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
