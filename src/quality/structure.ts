import type { LabPicture } from './lab.ts';

/** Side of the squares whose means are compared, px: forms remain, strokes and grain go. */
const SQUARE = 16;

/**
 * How much of photos' forms can still be recognised in what was painted of them: the share of the photos' lightness, as it changes
 * from square to square of 16 px, that a linear function of the painted changes accounts for,
 *
 *   R² = 1 − min over w of Σ (∇L − Σ_c w_c ∇c′)² / Σ (∇L)²
 *
 * with L the photo's lightness and c′ the painted picture's three channels in CIELAB; w is one per photo. Painters may take other
 * colours, and light for dark; 1 is where every form has its edge still, 0 a picture that has nothing to do with the photo.
 */
export function structureKept(photos: readonly LabPicture[], painted: readonly LabPicture[]): number {
  let [explained, all] = [0, 0];
  photos.forEach((photo, i) => {
    const { lightness, a, b } = painted[i]!;
    const changes = (values: Float32Array) => changesBetweenSquares(values, photo);
    const found = explainedBy([lightness, a, b].map(changes), [changes(photo.lightness)]);
    explained += found.explained;
    all += found.all;
  });
  // Photos without any form have none to lose.
  return all === 0 ? 1 : explained / all;
}

/** Differences of the squares' means to the next on the right and below. */
function changesBetweenSquares(
  values: Float32Array,
  { width, height }: Pick<LabPicture, 'width' | 'height'>,
): Float64Array {
  const [columns, rows] = [Math.floor(width / SQUARE), Math.floor(height / SQUARE)];
  const means = new Float64Array(columns * rows);
  for (let y = 0; y < rows * SQUARE; y++)
    for (let x = 0; x < columns * SQUARE; x++)
      means[Math.floor(y / SQUARE) * columns + Math.floor(x / SQUARE)]! +=
        values[y * width + x]! / SQUARE ** 2;
  const changes: number[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const here = means[y * columns + x]!;
      if (x + 1 < columns) changes.push(means[y * columns + x + 1]! - here);
      if (y + 1 < rows) changes.push(means[(y + 1) * columns + x]! - here);
    }
  return Float64Array.from(changes);
}

/** What a linear function of some series accounts for in others: sums of squares. */
interface Explained {
  readonly explained: number;
  readonly all: number;
}

/** Of a series that others make up, rounding leaves less than this share. */
const NOTHING = 1e-9;

/**
 * How much of some series a linear function of others accounts for, by least squares,
 *
 *   all = Σ_t ‖t‖²,   explained = all − Σ_t min over w of ‖t − Σ_p w_p p‖²
 *
 * as projections on the others, orthogonalised one by one (Gram–Schmidt). Means are not taken away.
 *
 * @param others may depend on one another, or be all 0. All series have the same length.
 */
export function explainedBy(
  others: readonly ArrayLike<number>[],
  series: readonly ArrayLike<number>[],
): Explained {
  const directions: Float64Array[] = [];
  for (const other of others) {
    const rest = Float64Array.from(other);
    const before = dot(rest, rest);
    for (const direction of directions) {
      const along = dot(rest, direction);
      for (let i = 0; i < rest.length; i++) rest[i]! -= along * direction[i]!;
    }
    const left = dot(rest, rest);
    if (left <= NOTHING * before) continue;
    const length = Math.sqrt(left);
    directions.push(rest.map((value) => value / length));
  }
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    explained: sum(series.flatMap((one) => directions.map((direction) => dot(one, direction) ** 2))),
    all: sum(series.map((one) => dot(one, one))),
  };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
