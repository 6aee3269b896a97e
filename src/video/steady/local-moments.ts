import { boxMean } from '../../motion/box-mean.ts';
import { emptyPlane, type Plane } from '../../motion/plane.ts';

/** Mean and standard deviation around each place of a grid, one plane per channel. */
export interface LocalMoments {
  readonly means: readonly Plane[];
  readonly deviations: readonly Plane[];
  /** Pixels per place. */
  readonly factor: 2;
}

/** Places of the grid to each side that count: squares of 6×6 pixels. With 10×10, contrast comes back in the wrong places. */
const REACH = 1;

/** Moments of a picture's neighbourhoods, on a grid of blocks of 2×2 pixels. @param values [height, width, 3]. */
export function localMoments(values: Float32Array, width: number, height: number): LocalMoments {
  const [columns, rows] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
  const means: Plane[] = [];
  const deviations: Plane[] = [];
  const [right, below] = [width > 1 ? 3 : 0, height > 1 ? 3 * width : 0];
  for (let c = 0; c < 3; c++) {
    const mean = emptyPlane(columns, rows);
    const square = emptyPlane(columns, rows);
    for (let y = 0, to = 0; y < rows; y++) {
      for (let x = 0, at = 6 * y * width + c; x < columns; x++, at += 6, to++) {
        const p = values[at]!;
        const q = values[at + right]!;
        const r = values[at + below]!;
        const s = values[at + below + right]!;
        mean.values[to] = (p + q + r + s) / 4;
        square.values[to] = (p * p + q * q + r * r + s * s) / 4;
      }
    }
    const around = boxMean(mean, REACH);
    const spread = boxMean(square, REACH);
    for (let i = 0; i < spread.values.length; i++)
      spread.values[i] = Math.sqrt(Math.max(0, spread.values[i]! - around.values[i]! ** 2));
    means.push(around);
    deviations.push(spread);
  }
  return { means, deviations, factor: 2 };
}
