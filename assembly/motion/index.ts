/** The program of src/motion/flow-search.ts. */
import { doubledRow } from '../doubled-row';
import { floats } from '../floats';

export { densify } from './densified';
export { PAD, pad } from './padded';
export { searchPatches } from './patch-search';
export { SIDE } from './patch';

/** A plane on a grid of half as many places brought to one of the given size, bilinearly, its values times `gain`. */
export function enlarge(
  from: usize,
  columns: i32,
  rows: i32,
  gain: f32,
  to: usize,
  width: i32,
  height: i32,
  between: usize,
): void {
  for (let y = 0; y < height; y++)
    doubledRow(from, columns, rows, y, width, gain, to + floats(y * width), between);
}
