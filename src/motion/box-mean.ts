import { emptyPlane, type Plane } from './plane.ts';

/**
 * Mean of the (2·reach + 1)² places around each, as far as they lie in the plane, by running sums: the same time for any reach.
 *
 */
export function boxMean({ values, width, height }: Plane, reach: number): Plane {
  const result = emptyPlane(width, height);
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  for (let x = 0; x < width; x++) counts[x] = Math.min(width - 1, x + reach) - Math.max(0, x - reach) + 1;
  const add = (y: number, sign: number) => {
    for (let x = 0, at = y * width; x < width; x++, at++) sums[x]! += sign * values[at]!;
  };
  for (let y = 0; y < Math.min(reach, height); y++) add(y, 1);
  for (let y = 0; y < height; y++) {
    if (y + reach < height) add(y + reach, 1);
    if (y - reach > 0) add(y - reach - 1, -1);
    const rows = Math.min(height - 1, y + reach) - Math.max(0, y - reach) + 1;
    let sum = 0;
    for (let x = 0; x < Math.min(reach, width); x++) sum += sums[x]!;
    for (let x = 0, to = y * width; x < width; x++, to++) {
      if (x + reach < width) sum += sums[x + reach]!;
      if (x - reach > 0) sum -= sums[x - reach - 1]!;
      result.values[to] = sum / (rows * counts[x]!);
    }
  }
  return result;
}
