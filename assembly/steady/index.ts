/** The program of src/video/steady/blend.ts. */
import { blocksAlong, measureMoments } from './local-moments';

export { giveContrast } from './contrast';
export { mix } from './mixed';
export { trust } from './trust';
export { blocksAlong };

/** `measureMoments` of bytes. */
export function momentsOfBytes(
  picture: usize,
  width: i32,
  height: i32,
  means: usize,
  deviations: usize,
  sums: usize,
  squares: usize,
  lines: usize,
): void {
  measureMoments<u8>(picture, width, height, means, deviations, sums, squares, lines);
}

/** `measureMoments` of floats. */
export function momentsOfFloats(
  picture: usize,
  width: i32,
  height: i32,
  means: usize,
  deviations: usize,
  sums: usize,
  squares: usize,
  lines: usize,
): void {
  measureMoments<f32>(picture, width, height, means, deviations, sums, squares, lines);
}

/** Bytes in 1/256 grey levels, 16 bits. @param fine filled. */
export function toFine(pixels: usize, count: i32, fine: usize): void {
  for (let at: usize = 0; at < <usize>count; at += 8)
    v128.store(fine + 2 * at, i16x8.shl(v128.load8x8_u(pixels + at), 8));
}
