import type { Picture } from '../data/image-file.ts';

/** Half the side of the square whose mean is taken away: strokes and grain remain, forms and light go. */
const REACH = 4;

/**
 * How much a picture varies about its local mean: root mean square, over pixels and channels, of the difference to the
 * mean of the 9×9 pixels around each, as far as they lie in the picture. Grey levels.
 */
export function localTexture({ pixels, width, height }: Picture): number {
  let squares = 0;
  for (let c = 0; c < 3; c++) {
    // Sums over all pixels above and to the left make every square's sum four look-ups.
    const sums = new Float64Array((width + 1) * (height + 1));
    for (let y = 0; y < height; y++)
      for (let x = 0, row = 0; x < width; x++) {
        row += pixels[(y * width + x) * 3 + c]!;
        sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
      }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [top, bottom] = [Math.max(0, y - REACH), Math.min(height, y + REACH + 1)];
        const [left, right] = [Math.max(0, x - REACH), Math.min(width, x + REACH + 1)];
        const at = (row: number, column: number) => sums[row * (width + 1) + column]!;
        const sum = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
        const mean = sum / ((bottom - top) * (right - left));
        squares += (pixels[(y * width + x) * 3 + c]! - mean) ** 2;
      }
  }
  return Math.sqrt(squares / pixels.length);
}
