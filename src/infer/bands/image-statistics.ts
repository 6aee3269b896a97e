/**
 * Mean and variance of each channel of an image that is seen band by band. The bands' statistics are merged in f64 by
 * Chan, Golub and LeVeque 1979, 'Updating formulae and a pairwise algorithm for computing sample variances', eq. 2.1:
 *
 *   μ = μ_a + (μ_b − μ_a) · n_b / n,  M = M_a + M_b + (μ_b − μ_a)² · n_a n_b / n
 *
 * where M is the sum of squared distances from the mean. Sums of squares would cancel where the mean is large.
 */
export class ImageStatistics {
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  #pixels = 0;

  constructor(channels: number) {
    this.#mean = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /** @param variance of the band, divided by its pixels less one. */
  add(pixels: number, mean: ArrayLike<number>, variance: ArrayLike<number>): void {
    const all = this.#pixels + pixels;
    for (let c = 0; c < this.#mean.length; c++) {
      const distance = mean[c]! - this.#mean[c]!;
      this.#mean[c]! += (distance * pixels) / all;
      this.#squares[c]! +=
        variance[c]! * (pixels - 1) + (distance * distance * (this.#pixels * pixels)) / all;
    }
    this.#pixels = all;
  }

  get mean(): Float32Array {
    return new Float32Array(this.#mean);
  }

  /** Divided by the number of pixels. */
  get variance(): Float32Array {
    return Float32Array.from(this.#squares, (squares) => squares / this.#pixels);
  }
}
