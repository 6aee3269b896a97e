/**
 * Luminance of RGB pixels, the Y of YIQ (Rec. 601), as Gatys et al. 2016b, 'Preserving Color in Neural Artistic Style
 * Transfer', §3.2.
 */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

/** @param rgb interleaved, in [0, 255]. @returns one value per pixel, in [0, 255]. */
export function luminanceOf(rgb: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: rgb.length / 3 }, (_, i) => {
    return RED * rgb[3 * i]! + GREEN * rgb[3 * i + 1]! + BLUE * rgb[3 * i + 2]!;
  });
}

/**
 * A photo with another luminance and its own chroma. I and Q are differences in which equal parts of R, G and B cancel, so
 * they stay when all three change by as much as Y does.
 *
 * @returns RGB, interleaved; may leave [0, 255].
 */
export function withLuminance(rgb: ArrayLike<number>, luminance: ArrayLike<number>): Float32Array {
  const own = luminanceOf(rgb);
  return Float32Array.from({ length: rgb.length }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return rgb[i]! + luminance[pixel]! - own[pixel]!;
  });
}

/** A painting's luminance brought to the photo's mean and spread (eq. 4 there), so that no tone has to be made up. */
export function matchedLuminance(painting: Float32Array, photo: Float32Array): Float32Array {
  const [from, to] = [meanAndDeviation(painting), meanAndDeviation(photo)];
  const gain = from.deviation > 0 ? to.deviation / from.deviation : 1;
  return painting.map((value) => (value - from.mean) * gain + to.mean);
}

/** Mean and standard deviation of values. */
export function meanAndDeviation(values: ArrayLike<number>): {
  readonly mean: number;
  readonly deviation: number;
} {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
