/** Sums of what a linear map is fitted from: rows x, each with a 1 at the end, and what is wanted of them. */
export class LeastSquares {
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #products: Float64Array;
  readonly #wanted: Float64Array;

  /** @param inputs numbers in a row, the 1 included. */
  constructor(inputs: number, outputs: number) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#products = new Float64Array(inputs ** 2);
    this.#wanted = new Float64Array(inputs * outputs);
  }

  /** @param products Σ xxᵀ of some rows, [inputs, inputs]. @param wanted Σ xyᵀ of them, [inputs, outputs]. */
  add(products: Float32Array, wanted: Float32Array): void {
    for (let i = 0; i < products.length; i++) this.#products[i] = this.#products[i]! + products[i]!;
    for (let i = 0; i < wanted.length; i++) this.#wanted[i] = this.#wanted[i]! + wanted[i]!;
  }

  /**
   * W of the least Σ |Wᵀx − y|² + λ|W|², by Cholesky's factors of Σ xxᵀ + λ (Golub & Van Loan, Matrix Computations, §4.2).
   *
   * @param ridge λ as a share of the mean of Σ xxᵀ's diagonal. @returns [inputs, outputs], row by row.
   */
  solve(ridge: number): Float64Array {
    const [n, m] = [this.#inputs, this.#outputs];
    const factor = this.#products.slice();
    let trace = 0;
    for (let i = 0; i < n; i++) trace += factor[i * n + i]!;
    for (let i = 0; i < n; i++) factor[i * n + i] = factor[i * n + i]! + (ridge * trace) / n;
    cholesky(factor, n);
    const solution = this.#wanted.slice();
    const subtract = (row: number, from: number, share: number) => {
      for (let k = 0; k < m; k++)
        solution[row * m + k] = solution[row * m + k]! - share * solution[from * m + k]!;
    };
    const divide = (row: number, by: number) => {
      for (let k = 0; k < m; k++) solution[row * m + k] = solution[row * m + k]! / by;
    };
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) subtract(i, j, factor[i * n + j]!);
      divide(i, factor[i * n + i]!);
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) subtract(i, j, factor[j * n + i]!);
      divide(i, factor[i * n + i]!);
    }
    return solution;
  }
}

/** The lower triangle becomes L of A = LLᵀ; what is above stays. */
function cholesky(matrix: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    const own = matrix.subarray(j * n, j * n + j);
    let diagonal = matrix[j * n + j]!;
    for (const value of own) diagonal -= value * value;
    const root = Math.sqrt(diagonal);
    matrix[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = matrix[i * n + j]!;
      const row = i * n;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * own[k]!;
      matrix[row + j] = sum / root;
    }
  }
}

/**
 * The channels that tell most of all others: each next one has the most energy left when those before have explained what
 * they can (Cholesky's factors with pivoting; Golub & Van Loan, §4.2.8).
 *
 * @param moments Σ φφᵀ, [C, C], row by row. @returns channels in the order in which they were chosen.
 */
export function tellingChannels(moments: Float64Array, channels: number, count: number): readonly number[] {
  const left = Float64Array.from({ length: channels }, (_, c) => moments[c * channels + c]!);
  const factors: Float64Array[] = [];
  const chosen: number[] = [];
  for (let i = 0; i < count; i++) {
    let next = -1;
    for (let c = 0; c < channels; c++)
      if (!chosen.includes(c) && (next < 0 || left[c]! > left[next]!)) next = c;
    const root = Math.sqrt(Math.max(left[next]!, Number.MIN_VALUE));
    const factor = Float64Array.from({ length: channels }, (_, c) => {
      let value = moments[c * channels + next]!;
      for (const before of factors) value -= before[c]! * before[next]!;
      return value / root;
    });
    for (let c = 0; c < channels; c++) left[c] = left[c]! - factor[c]! ** 2;
    factors.push(factor);
    chosen.push(next);
  }
  return chosen;
}
