import type { PictureSize } from '../picture.ts';

/**
 * Motion from one frame to another: what is at (x, y) in the first is at (x + across, y + down) in the second. In pixels of the
 * frames, on a grid of places `factor` pixels apart: place (i, j) is the middle of the block of pixels that begins at
 * (factor·i, factor·j).
 */
export interface Flow extends PictureSize {
  /** [height, width]. */
  readonly across: Float32Array;
  readonly down: Float32Array;
  readonly factor: 1 | 2;
}
