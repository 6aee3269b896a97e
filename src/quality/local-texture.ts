import type { Picture } from '../picture.ts';
import { explainedBy } from './structure.ts';

/** Half the side of the square whose mean is taken away: strokes and grain remain, forms and light go. */
const REACH = 4;

/**
 * How much a picture varies about its local mean: root mean square, over pixels and channels, of `aboutLocalMeans`. Grey levels.
 */
export function localTexture(picture: Picture): number {
  let squares = 0;
  for (const channel of aboutLocalMeans(picture)) for (const value of channel) squares += value ** 2;
  return Math.sqrt(squares / picture.pixels.length);
}

/**
 * Each of the three channels less its mean over the 9×9 pixels around each pixel, as far as they lie in the picture. Grey levels.
 */
export function aboutLocalMeans({ pixels, width, height }: Picture): readonly Float64Array[] {
  return [0, 1, 2].map((c) => {
    const found = new Float64Array(width * height);
    // Sums over all pixels above and to the left make every square's sum four look-ups.
    const sums = new Float64Array((width + 1) * (height + 1));
    for (let y = 0; y < height; y++) sumRow(pixels, width, c, y, sums);
    for (let y = 0; y < height; y++) lessMeans(pixels, width, height, c, y, sums, found);
    return found;
  });
}

// Each inner loop in a function of its own: within closures V8 runs them four times as long.

function sumRow(pixels: Uint8Array, width: number, c: number, y: number, sums: Float64Array): void {
  const [from, to] = [y * (width + 1) + 1, (y + 1) * (width + 1) + 1];
  let row = 0;
  for (let x = 0; x < width; x++) {
    row += pixels[(y * width + x) * 3 + c]!;
    sums[to + x] = sums[from + x]! + row;
  }
}

function lessMeans(
  pixels: Uint8Array,
  width: number,
  height: number,
  c: number,
  y: number,
  sums: Float64Array,
  found: Float64Array,
): void {
  const top = Math.max(0, y - REACH);
  const bottom = Math.min(height, y + REACH + 1);
  const [above, below] = [top * (width + 1), bottom * (width + 1)];
  for (let x = 0; x < width; x++) {
    const left = Math.max(0, x - REACH);
    const right = Math.min(width, x + REACH + 1);
    const sum = sums[below + right]! - sums[above + right]! - sums[below + left]! + sums[above + left]!;
    found[y * width + x] = pixels[(y * width + x) * 3 + c]! - sum / ((bottom - top) * (right - left));
  }
}

/**
 * How much of the texture that was painted is not the photos' own: the share of the painted pictures' squares about their local
 * means that no linear function of the photo's three channels about theirs accounts for,
 *
 *   1 − R² = Σ_c min over w of ‖t_c − Σ_k w_ck p_k‖² / Σ_c ‖t_c‖²
 *
 * with t and p from `aboutLocalMeans`; w is one per photo. 0 is a photo in other colours, lighter or darker; 1 strokes that have
 * nothing to do with its detail.
 */
export function ownTexture(photos: readonly Picture[], painted: readonly Picture[]): number {
  let [explained, all] = [0, 0];
  photos.forEach((photo, i) => {
    const found = explainedBy(aboutLocalMeans(photo), aboutLocalMeans(painted[i]!));
    explained += found.explained;
    all += found.all;
  });
  // Blank pictures have nothing of the photo's; that they are blank is another fault.
  return all === 0 ? 1 : 1 - explained / all;
}
