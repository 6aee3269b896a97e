/** Rows of a grid of moments, [rows, columns, 3], read for rows of pixels. */
import { farRow, nearRow } from '../doubled-row';
import { floats } from '../floats';
import { loadPixel, quarterWay } from './pixels';

/** Where the grid's rows next to a row of pixels begin. */
// @ts-ignore: decorator
@inline
export function nearOf(grid: usize, y: i32, columns: i32, rows: i32): usize {
  return grid + floats(3 * columns * nearRow(y, rows));
}

// @ts-ignore: decorator
@inline
export function farOf(grid: usize, y: i32, columns: i32, rows: i32): usize {
  return grid + floats(3 * columns * farRow(y, rows));
}

/** A place between the two rows; beyond the border, the outermost again. */
// @ts-ignore: decorator
@inline
export function placeBetween(near: usize, far: usize, column: i32, columns: i32): v128 {
  const held = min(columns - 1, max(0, column));
  return quarterWay(loadPixel<f32>(near, held), loadPixel<f32>(far, held));
}
