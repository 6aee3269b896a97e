/** Between a grid of places and pixels, of which two lie along each place: each pixel is a quarter of a place from the nearest one. */

import { floats } from './floats';

/** Floats that may be written past the end of a row, as several go at once. */
export const SPILL: i32 = 8;

/** The row of the grid that a row of pixels is nearest to. */
// @ts-ignore: decorator
@inline
export function nearRow(y: i32, rows: i32): i32 {
  return min(rows - 1, y >> 1);
}

/** The second nearest; at the border, and for the last row of an odd count, the nearest again. */
// @ts-ignore: decorator
@inline
export function farRow(y: i32, rows: i32): i32 {
  return min(rows - 1, max(0, (y >> 1) + ((y & 1) == 0 ? -1 : 1)));
}

/**
 * A row of pixels of what is known on a grid of places, bilinearly, times `gain`.
 *
 * @param grid [rows, columns]. @param y of the row, in pixels. @param to [count + SPILL], filled; where the count is odd, the last pixel has
 *   no place of its own. @param between [columns + SPILL], overwritten.
 */
export function doubledRow(
  grid: usize,
  columns: i32,
  rows: i32,
  y: i32,
  count: i32,
  gain: f32,
  to: usize,
  between: usize,
): void {
  const near = grid + floats(nearRow(y, rows) * columns);
  const far = grid + floats(farRow(y, rows) * columns);
  const most = f32x4.splat(0.75 * gain);
  const least = f32x4.splat(0.25 * gain);
  const first = between + 4;
  for (let i = 0; i < columns; i += 4) {
    const at = floats(i);
    v128.store(
      first + at,
      f32x4.add(f32x4.mul(most, v128.load(near + at)), f32x4.mul(least, v128.load(far + at))),
    );
  }
  const last = first + floats(columns - 1);
  f32.store(between, f32.load(first));
  f32.store(last + 4, f32.load(last));
  const own = f32x4.splat(0.75);
  const other = f32x4.splat(0.25);
  for (let i = 0; i < columns; i += 4) {
    const at = first + floats(i);
    const here = f32x4.mul(own, v128.load(at));
    const even = f32x4.add(here, f32x4.mul(other, v128.load(at - 4)));
    const odd = f32x4.add(here, f32x4.mul(other, v128.load(at + 4)));
    v128.store(to + floats(2 * i), v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
    v128.store(to + floats(2 * i) + 16, v128.shuffle<f32>(even, odd, 2, 6, 3, 7));
  }
  if (count > 2 * columns) f32.store(to + floats(2 * columns), f32.load(last));
}
