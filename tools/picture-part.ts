import type { Picture } from '../src/picture.ts';

/** A part of a picture, by its place. */
export function partOf(
  { pixels, width }: Picture,
  [left, top, w, h]: readonly [left: number, top: number, width: number, height: number],
): Picture {
  const rows = Array.from({ length: h }, (_, y) => {
    const from = 3 * ((top + y) * width + left);
    return pixels.subarray(from, from + 3 * w);
  });
  return { pixels: new Uint8Array(Buffer.concat(rows)), width: w, height: h };
}
