/**
 * Means and standard deviations of a picture's neighbourhoods, per channel: of squares of 6×6 pixels, on a grid of blocks of 2×2. With
 * 10×10, contrast comes back in the wrong places. A class, so that its planes are made once for all frames.
 */
export class LocalMoments {
  readonly #width: number;
  readonly #height: number;
  readonly #columns: number;
  readonly #rows: number;
  /** Of blocks: mean of values and of their squares, [rows, columns, 3]. */
  readonly #sums: Float32Array;
  readonly #squares: Float32Array;
  readonly #means: Float32Array;
  readonly #deviations: Float32Array;
  /** Three rows of blocks added up, with a block of nothing to each side. */
  readonly #column: Float64Array;
  readonly #columnSquares: Float64Array;
  /** A row between two of the grid, with its outermost places again to each side. */
  readonly #between: Float64Array;

  /** @param width of the picture, px. */
  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#columns = Math.max(1, width >> 1);
    this.#rows = Math.max(1, height >> 1);
    const line = 3 * this.#columns;
    const plane = () => new Float32Array(line * this.#rows);
    [this.#sums, this.#squares, this.#means, this.#deviations] = [plane(), plane(), plane(), plane()];
    const row = () => new Float64Array(line + 6);
    [this.#column, this.#columnSquares, this.#between] = [row(), row(), row()];
  }

  /** @param values of the picture, [height, width, 3]. */
  measure(values: Float32Array): void {
    this.#measureBlocks(values);
    for (let y = 0; y < this.#rows; y++) this.#measureRow(y);
  }

  /** Means and deviations of a row of pixels, between the grid's places bilinearly. @param mean filled, [width, 3]. */
  readRow(y: number, mean: Float32Array, deviation: Float32Array): void {
    this.#read(this.#means, y, mean);
    this.#read(this.#deviations, y, deviation);
  }

  /** Deviations alone. */
  readDeviations(y: number, deviation: Float32Array): void {
    this.#read(this.#deviations, y, deviation);
  }

  #read(grid: Float32Array, y: number, row: Float32Array): void {
    const line = 3 * this.#columns;
    const between = this.#between;
    // A place is the middle of two pixels: each pixel is a quarter of a place from the nearest one.
    const near = Math.min(this.#rows - 1, y >> 1);
    const far = Math.min(this.#rows - 1, Math.max(0, near + ((y & 1) === 0 ? -1 : 1)));
    for (let i = 3, own = near * line, other = far * line; i < line + 3; i++, own++, other++)
      between[i] = 0.75 * grid[own]! + 0.25 * grid[other]!;
    for (let c = 0; c < 3; c++) {
      between[c] = between[c + 3]!;
      between[line + 3 + c] = between[line + c]!;
    }
    // Of an odd side, the last pixel has no place of its own.
    const isOdd = row.length > 2 * line ? 1 : 0;
    for (let i = 3, to = 0; i < line + 3; to += 3)
      for (const end = i + 3; i < end; i++, to++) {
        const here = 0.75 * between[i]!;
        row[to] = here + 0.25 * between[i - 3]!;
        row[to + 3] = here + 0.25 * between[i + 3]!;
      }
    if (isOdd === 1) for (let c = 0; c < 3; c++) row[2 * line + c] = between[line + c]!;
  }

  #measureBlocks(values: Float32Array): void {
    const width = this.#width;
    const columns = this.#columns;
    const sums = this.#sums;
    const squares = this.#squares;
    const right = width > 1 ? 3 : 0;
    const below = this.#height > 1 ? 3 * width : 0;
    for (let y = 0, to = 0; y < this.#rows; y++) {
      for (let x = 0, at = 6 * y * width; x < columns; x++, at += 3) {
        for (const end = at + 3; at < end; at++, to++) {
          const p = values[at]!;
          const q = values[at + right]!;
          const r = values[at + below]!;
          const s = values[at + below + right]!;
          sums[to] = (p + q + r + s) / 4;
          squares[to] = (p * p + q * q + r * r + s * s) / 4;
        }
      }
    }
  }

  /** Means over 3×3 blocks, as far as they are in the picture. */
  #measureRow(y: number): void {
    const line = 3 * this.#columns;
    const column = this.#column;
    const columnSquares = this.#columnSquares;
    const own = y * line;
    const above = y > 0 ? own - line : own;
    const below = y < this.#rows - 1 ? own + line : own;
    // Where a row is missing the middle one is added in its place, and counted once less.
    const missing = (y === 0 ? 1 : 0) + (y === this.#rows - 1 ? 1 : 0);
    const sums = this.#sums;
    const squares = this.#squares;
    for (let x = 0; x < line; x++) {
      column[x + 3] = sums[above + x]! + (1 - missing) * sums[own + x]! + sums[below + x]!;
      columnSquares[x + 3] = squares[above + x]! + (1 - missing) * squares[own + x]! + squares[below + x]!;
    }
    const rows = 3 - missing;
    const means = this.#means;
    const deviations = this.#deviations;
    for (let x = 0, to = own; x < line; x++, to++) {
      const columns = 3 - (x < 3 ? 1 : 0) - (x >= line - 3 ? 1 : 0);
      const count = rows * columns;
      const mean = (column[x]! + column[x + 3]! + column[x + 6]!) / count;
      const variance =
        (columnSquares[x]! + columnSquares[x + 3]! + columnSquares[x + 6]!) / count - mean * mean;
      means[to] = mean;
      deviations[to] = variance > 0 ? Math.sqrt(variance) : 0;
    }
  }
}
