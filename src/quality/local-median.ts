/**
 * Median of the (2·reach + 1)² pixels around each pixel, fewer at the borders, by Huang's moving histogram (Huang et al.
 * 1979): the window's histogram is brought up to date instead of sorted anew.
 *
 * @param values [H·W], whole numbers in [0, 255].
 */
export function localMedian(values: Uint8Array, width: number, reach: number): Uint8Array {
  const height = values.length / width;
  const medians = new Uint8Array(values.length);
  const counts = new Int32Array(256);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(height - 1, y + reach);
    counts.fill(0);
    let size = 0;
    let median = 0;
    /** How many of the window lie below `median`. */
    let below = 0;
    const change = (x: number, by: 1 | -1) => {
      for (let v = top; v <= bottom; v++) {
        const value = values[v * width + x]!;
        counts[value]! += by;
        if (value < median) below += by;
        size += by;
      }
    };
    for (let x = 0; x < Math.min(reach, width); x++) change(x, 1);
    for (let x = 0; x < width; x++) {
      if (x + reach < width) change(x + reach, 1);
      if (x - reach - 1 >= 0) change(x - reach - 1, -1);
      const half = Math.floor(size / 2);
      while (below > half) below -= counts[--median]!;
      while (below + counts[median]! <= half) below += counts[median++]!;
      medians[y * width + x] = median;
    }
  }
  return medians;
}
