type Matrix = readonly (readonly number[])[];

/** Mean and covariance of RGB pixels. */
export interface ColorStatistics {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
}

/** A linear map of colours: x′ = matrix · (x − centre) + shift. */
export interface ColorMap {
  readonly matrix: Matrix;
  readonly centre: readonly number[];
  readonly shift: readonly number[];
}

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
  return mapColors(painting, colorMap(colorStatistics(painting), colorStatistics(photo)));
}

/** The map of `transferColors`, from a painting's statistics to a photo's. */
export function colorMap(painting: ColorStatistics, photo: ColorStatistics): ColorMap {
  const matrix = product(symmetricPower(photo.covariance, 0.5), symmetricPower(painting.covariance, -0.5));
  return { matrix, centre: painting.mean, shift: photo.mean };
}

/** @param rgb interleaved. @returns RGB, not clipped. */
export function mapColors(rgb: ArrayLike<number>, { matrix, centre, shift }: ColorMap): Float32Array {
  const result = new Float32Array(rgb.length);
  const [toRed, toGreen, toBlue] = matrix as readonly [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  for (let i = 0; i < rgb.length; i += 3) {
    const [r, g, b] = [rgb[i]! - centre[0]!, rgb[i + 1]! - centre[1]!, rgb[i + 2]! - centre[2]!];
    result[i] = shift[0]! + toRed[0]! * r + toRed[1]! * g + toRed[2]! * b;
    result[i + 1] = shift[1]! + toGreen[0]! * r + toGreen[1]! * g + toGreen[2]! * b;
    result[i + 2] = shift[2]! + toBlue[0]! * r + toBlue[1]! * g + toBlue[2]! * b;
  }
  return result;
}

export function colorStatistics(rgb: ArrayLike<number>): ColorStatistics {
  const sums = new ColorSums();
  sums.add(rgb);
  return sums.statistics();
}

/** Mean and covariance of pixels that come part by part, summed in f64 about the middle of the range. */
export class ColorSums {
  #pixels = 0;
  readonly #sums = new Float64Array(3);
  /** Of products, over a ≤ b. */
  readonly #products = new Float64Array(9);

  /** @param rgb interleaved, in [0, 255]. */
  add(rgb: ArrayLike<number>): void {
    const [sums, products] = [this.#sums, this.#products];
    for (let i = 0; i < rgb.length; i += 3) {
      const [r, g, b] = [rgb[i]! - MIDDLE, rgb[i + 1]! - MIDDLE, rgb[i + 2]! - MIDDLE];
      sums[0]! += r;
      sums[1]! += g;
      sums[2]! += b;
      products[0]! += r * r;
      products[1]! += r * g;
      products[2]! += r * b;
      products[4]! += g * g;
      products[5]! += g * b;
      products[8]! += b * b;
    }
    this.#pixels += rgb.length / 3;
  }

  statistics(): ColorStatistics {
    const means = [...this.#sums].map((sum) => sum / this.#pixels);
    const covariance = means.map((meanA, a) =>
      means.map((meanB, b) => {
        const sum = this.#products[3 * Math.min(a, b) + Math.max(a, b)]!;
        return sum / this.#pixels - meanA * meanB;
      }),
    );
    return { mean: means.map((mean) => mean + MIDDLE), covariance };
  }
}

const MIDDLE = 127.5;

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
