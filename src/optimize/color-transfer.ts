type Matrix = readonly (readonly number[])[];

/**
 * A painting with the photo's colours: a linear map of its pixels that gives them the photo's mean and covariance
 * (Gatys et al. 2016b, 'Preserving Color in Neural Artistic Style Transfer', §3.1, in the Image Analogies form, eq. 3):
 *
 *   x′ = Σ_C^½ Σ_S^−½ (x − μ_S) + μ_C
 *
 * @param painting, photo RGB, interleaved, in [0, 255]. @returns RGB; may leave [0, 255], and is not clipped, so that mean
 *   and covariance are exact.
 */
export function transferColors(painting: ArrayLike<number>, photo: ArrayLike<number>): Float32Array {
  const [from, to] = [colorStatistics(painting), colorStatistics(photo)];
  const map = product(symmetricPower(to.covariance, 0.5), symmetricPower(from.covariance, -0.5));
  const result = new Float32Array(painting.length);
  for (let i = 0; i < painting.length; i += 3) {
    const centred = from.mean.map((mean, c) => painting[i + c]! - mean);
    for (let c = 0; c < 3; c++) result[i + c] = to.mean[c]! + sum3((k) => map[c]![k]! * centred[k]!);
  }
  return result;
}

/** Mean and covariance of RGB pixels. */
export function colorStatistics(rgb: ArrayLike<number>): {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
} {
  const count = rgb.length / 3;
  const mean = [0, 0, 0];
  for (let i = 0; i < rgb.length; i++) mean[i % 3]! += rgb[i]! / count;
  const covariance = [0, 1, 2].map(() => [0, 0, 0]);
  for (let i = 0; i < rgb.length; i += 3)
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++)
        covariance[a]![b]! += ((rgb[i + a]! - mean[a]!) * (rgb[i + b]! - mean[b]!)) / count;
  return { mean, covariance };
}

/** Variance below which a direction of colour counts as not there: grey paintings have one only. In grey levels². */
const LEAST_VARIANCE = 0.01;

/** A symmetric 3×3 matrix of variances to a power, by its eigenvectors (Jacobi's rotations). */
export function symmetricPower(matrix: Matrix, power: number): Matrix {
  const a = matrix.map((row) => [...row]);
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  for (let sweep = 0; sweep < 30; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      if (a[p]![q] === 0) continue;
      const theta = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
      const [c, s] = [Math.cos(theta), Math.sin(theta)];
      for (const rows of [a, v])
        for (const row of rows) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
      const [rowP, rowQ] = [a[p]!, a[q]!];
      for (let k = 0; k < 3; k++)
        [rowP[k], rowQ[k]] = [c * rowP[k]! - s * rowQ[k]!, s * rowP[k]! + c * rowQ[k]!];
    }
  }
  const powers = [0, 1, 2].map((i) => Math.max(a[i]![i]!, LEAST_VARIANCE) ** power);
  return v.map((row) => v.map((other) => sum3((k) => row[k]! * powers[k]! * other[k]!)));
}

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => [0, 1, 2].map((j) => sum3((k) => row[k]! * b[k]![j]!)));
}

const sum3 = (term: (k: number) => number): number => term(0) + term(1) + term(2);
