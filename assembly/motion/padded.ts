import { floats } from '../floats';

/** Border, px, in which a level continues its outermost values: how far a patch may leave it. */
export const PAD: i32 = 12;

/** Address of a place of a level with its border. */
// @ts-ignore: decorator
@inline
export function placeOf(padded: usize, width: i32, x: i32, y: i32): usize {
  return padded + floats((y + PAD) * (width + 2 * PAD) + x + PAD);
}

/** @param plane [height, width]. @param padded [height + 2·PAD, width + 2·PAD], filled. */
export function pad(plane: usize, width: i32, height: i32, padded: usize): void {
  const row = floats(width);
  const line = floats(width + 2 * PAD);
  for (let y = 0; y < height; y++) {
    const from = plane + <usize>y * row;
    const to = placeOf(padded, width, 0, y);
    memory.copy(to, from, row);
    const first = f32x4.splat(f32.load(from));
    const last = f32x4.splat(f32.load(from + row - 4));
    for (let at: usize = 0; at < floats(PAD); at += 16) {
      v128.store(to - floats(PAD) + at, first);
      v128.store(to + row + at, last);
    }
  }
  const top = placeOf(padded, width, -PAD, 0);
  const bottom = placeOf(padded, width, -PAD, height - 1);
  for (let y: usize = 1; y <= <usize>PAD; y++) {
    memory.copy(top - y * line, top, line);
    memory.copy(bottom + y * line, bottom, line);
  }
}
