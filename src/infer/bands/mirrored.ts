/** Which rows stand for those beyond an image's border. */
import type { Rows } from './stages.ts';

/** The row or column that stands for one beyond the border, as `padBorder` has it; small images are mirrored to and fro. */
export function mirrored(at: number, size: number, mode: 'REFLECT' | 'SYMMETRIC'): number {
  // Reflection does not repeat the outermost ones, symmetry does.
  const edge = mode === 'REFLECT' ? 1 : 0;
  const period = 2 * (size - edge);
  if (period === 0) return 0;
  const within = ((at % period) + period) % period;
  return within < size ? within : period - 1 + edge - within;
}

/** 1 for a row of an image, 0 for one beyond its border. */
export function isWithin(row: number, height: number): number {
  return row >= 0 && row < height ? 1 : 0;
}

/** The lowest row that `readMirrored` reads. */
export function lowestRow(rows: Rows, height: number, mode: 'REFLECT' | 'SYMMETRIC'): number {
  if (rows.from < 0) return 0;
  return rows.to > height ? Math.min(rows.from, mirrored(rows.to - 1, height, mode)) : rows.from;
}
