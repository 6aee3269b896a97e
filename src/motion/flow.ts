import type { PictureSize } from '../picture.ts';
import { emptyPlane, type Plane } from './plane.ts';

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

/** A plane on a grid of half as many places brought to one of the given size, bilinearly, its values times `gain`. */
export function enlarged({ values, width, height }: Plane, size: Omit<Plane, 'values'>, gain = 1): Plane {
  const result = emptyPlane(size.width, size.height);
  const near = new Int32Array(size.width);
  const far = new Int32Array(size.width);
  for (let x = 0; x < size.width; x++) {
    near[x] = Math.min(width - 1, x >> 1);
    far[x] = Math.min(width - 1, Math.max(0, (x >> 1) + ((x & 1) === 0 ? -1 : 1)));
  }
  const row = new Float32Array(width);
  for (let y = 0; y < size.height; y++) {
    const nearRow = Math.min(height - 1, y >> 1) * width;
    const farRow = Math.min(height - 1, Math.max(0, (y >> 1) + ((y & 1) === 0 ? -1 : 1))) * width;
    // A block's middle lies a quarter of a place from where the coarser grid has one.
    for (let x = 0; x < width; x++)
      row[x] = gain * (0.75 * values[nearRow + x]! + 0.25 * values[farRow + x]!);
    for (let x = 0, to = y * size.width; x < size.width; x++, to++)
      result.values[to] = 0.75 * row[near[x]!]! + 0.25 * row[far[x]!]!;
  }
  return result;
}
