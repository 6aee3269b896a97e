import { floats } from '../floats';

/** Places to each side of one that count. */
export const REACH: i32 = 2;

/**
 * Mean of the 5×5 places around each, as far as they lie in the plane.
 *
 * @param plane [height, width]. @param to as large, filled. @param lines two of width + 2·REACH + SPILL, overwritten.
 */
export function boxMean(plane: usize, width: i32, height: i32, to: usize, lines: usize): void {
  const row = floats(width);
  const shares = lines + floats(width + 16);
  memory.fill(lines, 0, floats(width + 16));
  for (let x = 0; x < width; x++)
    f32.store(shares + floats(x), 1 / <f32>(min(width - 1, x + REACH) - max(0, x - REACH) + 1));
  const sums = lines + floats(REACH);
  for (let y = 0; y < height; y++) {
    const first = max(0, y - REACH);
    const last = min(height - 1, y + REACH);
    for (let at: usize = 0; at < row; at += 16) {
      let sum = v128.load(plane + <usize>first * row + at);
      for (let other = first + 1; other <= last; other++)
        sum = f32x4.add(sum, v128.load(plane + <usize>other * row + at));
      v128.store(sums + at, sum);
    }
    // What was written past the row is none of it.
    v128.store(sums + row, f32x4.splat(0));
    const rows = f32x4.splat(1 / <f32>(last - first + 1));
    const own = to + <usize>y * row;
    for (let at: usize = 0; at < row; at += 16) {
      const outer = f32x4.add(v128.load(lines + at), v128.load(lines + at + 16));
      const inner = f32x4.add(v128.load(lines + at + 4), v128.load(lines + at + 12));
      const sum = f32x4.add(v128.load(lines + at + 8), f32x4.add(outer, inner));
      v128.store(own + at, f32x4.mul(f32x4.mul(sum, rows), v128.load(shares + at)));
    }
  }
}
