/**
 * Means and standard deviations of a picture's neighbourhoods, per channel: of squares of 6×6 pixels, on a grid of blocks of 2×2. With
 * 10×10, contrast comes back in the wrong places.
 */
import { floats } from '../floats';
import { loadPixel, storePixel } from './pixels';

/** Blocks along a side. */
// @ts-ignore: decorator
@inline
export function blocksAlong(side: i32): i32 {
  return max(1, side >> 1);
}

/**
 * @param picture [height, width, 3] of T. @param means [rows, columns, 3], filled. @param deviations filled. @param sums as large,
 *   overwritten. @param squares overwritten. @param line [columns + 2, 3] twice, overwritten.
 */
// @ts-ignore: decorator
@inline
export function measureMoments<T>(
  picture: usize,
  width: i32,
  height: i32,
  means: usize,
  deviations: usize,
  sums: usize,
  squares: usize,
  line: usize,
): void {
  const columns = blocksAlong(width);
  const rows = blocksAlong(height);
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  const quarter = f32x4.splat(0.25);
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0, at = 2 * y * width; x < columns; x++, at += 2, to++) {
      const p = loadPixel<T>(picture, at);
      const q = loadPixel<T>(picture, at + right);
      const r = loadPixel<T>(picture, at + below);
      const s = loadPixel<T>(picture, at + below + right);
      const sum = f32x4.add(f32x4.add(p, q), f32x4.add(r, s));
      const square = f32x4.add(
        f32x4.add(f32x4.mul(p, p), f32x4.mul(q, q)),
        f32x4.add(f32x4.mul(r, r), f32x4.mul(s, s)),
      );
      storePixel(sums, to, f32x4.mul(quarter, sum));
      storePixel(squares, to, f32x4.mul(quarter, square));
    }
  }
  for (let y = 0; y < rows; y++) measureRow(y, columns, rows, means, deviations, sums, squares, line);
}

/** Means over 3×3 blocks, as far as they are in the picture. */
function measureRow(
  y: i32,
  columns: i32,
  rows: i32,
  means: usize,
  deviations: usize,
  sums: usize,
  squares: usize,
  line: usize,
): void {
  const row = floats(3 * columns);
  const lineOfSquares = line + row + floats(12);
  addedRows(sums, y, columns, rows, line);
  addedRows(squares, y, columns, rows, lineOfSquares);
  const ninth = f32x4.splat(1.0 / 9);
  const none = f32x4.splat(0);
  const to = <usize>y * row;
  for (let at: usize = 0; at < row; at += 16) {
    const mean = f32x4.mul(ninth, threeBlocks(line + at));
    const variance = f32x4.sub(
      f32x4.mul(ninth, threeBlocks(lineOfSquares + at)),
      f32x4.mul(mean, mean),
    );
    v128.store(means + to + at, mean);
    v128.store(deviations + to + at, f32x4.sqrt(f32x4.pmax(none, variance)));
  }
}

// @ts-ignore: decorator
@inline
function threeBlocks(at: usize): v128 {
  return f32x4.add(v128.load(at), f32x4.add(v128.load(at + 12), v128.load(at + 24)));
}

/**
 * Three rows of blocks added up, with a block more to each side. In the place of what is outside the picture is the mean of the other
 * two: so all of them are means of three.
 *
 * @param to [columns + 2, 3], filled.
 */
function addedRows(blocks: usize, y: i32, columns: i32, rows: i32, to: usize): void {
  const row = floats(3 * columns);
  const own = blocks + <usize>y * row;
  const above = y > 0 ? own - row : own;
  const below = y < rows - 1 ? own + row : own;
  const isEdge = rows > 1 && (y == 0 || y == rows - 1);
  const outer = f32x4.splat(isEdge ? 1.5 : 1);
  const middle = f32x4.splat(isEdge ? 0 : 1);
  for (let at: usize = 0; at < row; at += 16) {
    const both = f32x4.add(v128.load(above + at), v128.load(below + at));
    v128.store(to + 12 + at, f32x4.add(f32x4.mul(outer, both), f32x4.mul(middle, v128.load(own + at))));
  }
  const last = to + row;
  const second = columns > 1 ? to + 24 : to + 12;
  const secondLast = columns > 1 ? last - 12 : last;
  for (let c: usize = 0; c < 12; c += 4) {
    f32.store(to + c, 0.5 * (f32.load(to + 12 + c) + f32.load(second + c)));
    f32.store(last + 12 + c, 0.5 * (f32.load(last + c) + f32.load(secondLast + c)));
  }
}
