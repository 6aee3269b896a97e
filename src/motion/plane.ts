/** Planes of numbers, as this folder takes them. */
import type { Picture, PictureSize } from '../picture.ts';

/** One value per place, rows from the top. */
export interface Plane extends PictureSize {
  readonly values: Float32Array;
}

function emptyPlane(width: number, height: number): Plane {
  return { values: new Float32Array(width * height), width, height };
}

/**
 * A frame's luminance (Rec. 601), as it is or of blocks of 2×2 pixels; the last row and column of an odd side are left out.
 *
 * @param factor 1 or 2. @returns values in [0, 255].
 */
export function luminancePlane({ pixels, width, height }: Picture, factor: 1 | 2): Plane {
  const plane = emptyPlane(Math.floor(width / factor), Math.floor(height / factor));
  const { values } = plane;
  if (factor === 1) {
    for (let i = 0, at = 0; i < values.length; i++, at += 3)
      values[i] = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
    return plane;
  }
  for (let y = 0, to = 0; y < plane.height; y++) {
    let above = 6 * y * width;
    let below = above + 3 * width;
    for (let x = 0; x < plane.width; x++, above += 6, below += 6) {
      const red = pixels[above]! + pixels[above + 3]! + pixels[below]! + pixels[below + 3]!;
      const green = pixels[above + 1]! + pixels[above + 4]! + pixels[below + 1]! + pixels[below + 4]!;
      const blue = pixels[above + 2]! + pixels[above + 5]! + pixels[below + 2]! + pixels[below + 5]!;
      values[to++] = 0.07475 * red + 0.14675 * green + 0.0285 * blue;
    }
  }
  return plane;
}

/** Means of blocks of 2×2; the last row and column of an odd side are left out. */
export function halved({ values, width, height }: Plane): Plane {
  const half = emptyPlane(width >> 1, height >> 1);
  for (let y = 0, to = 0; y < half.height; y++) {
    let above = 2 * y * width;
    let below = above + width;
    for (let x = 0; x < half.width; x++, above += 2, below += 2)
      half.values[to++] = (values[above]! + values[above + 1]! + values[below]! + values[below + 1]!) / 4;
  }
  return half;
}
