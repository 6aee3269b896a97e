import { toSamples } from '../../engine/pixels.ts';
import type { Picture, PictureSize, PixelRows } from '../../picture.ts';
import { paintedShare } from '../amount.ts';
import { FinishedRows } from './finished-rows.ts';
import type { Look } from './look.ts';
import { isPlainLook } from './look.ts';
import { ResampledRows } from './resampled-rows.ts';
import { asValues, bandsOf, rowsOf } from './value-rows.ts';

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
