/** What a linear function of some series accounts for in others: sums of squares. */
export interface Explained {
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
