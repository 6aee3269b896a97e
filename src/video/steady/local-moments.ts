import { rowOfGrid } from '../../motion/warp.ts';

/** Pixels per place of the grid. */
const FACTOR = 2;

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
  /** Three rows of blocks added up. */
  readonly #column: Float64Array;
  readonly #columnSquares: Float64Array;

  /** @param width of the picture, px. */
  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#columns = Math.max(1, width >> 1);
    this.#rows = Math.max(1, height >> 1);
    const line = 3 * this.#columns;
    const plane = () => new Float32Array(line * this.#rows);
    [this.#sums, this.#squares, this.#means, this.#deviations] = [plane(), plane(), plane(), plane()];
    [this.#column, this.#columnSquares] = [new Float64Array(line), new Float64Array(line)];
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
    const size = { width: this.#columns, height: this.#rows, factor: FACTOR } as const;
    for (let c = 0; c < 3; c++) rowOfGrid(grid, size, y, row, 3, c);
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

  /** Means over 3×3 blocks, as far as they lie in the picture. */
  #measureRow(y: number): void {
    const line = 3 * this.#columns;
    const column = this.#column;
    const columnSquares = this.#columnSquares;
    const own = y * line;
    const above = y > 0 ? own - line : own;
    const below = y < this.#rows - 1 ? own + line : own;
    // A missing row is added as the middle one and taken out again: whole numbers of rows, one loop.
    const [isFirst, isLast] = [y === 0 ? 1 : 0, y === this.#rows - 1 ? 1 : 0];
    const kept = 1 - isFirst - isLast;
    const sums = this.#sums;
    const squares = this.#squares;
    for (let x = 0; x < line; x++) {
      column[x] = sums[above + x]! + kept * sums[own + x]! + sums[below + x]!;
      columnSquares[x] = squares[above + x]! + kept * squares[own + x]! + squares[below + x]!;
    }
    const rows = 3 - isFirst - isLast;
    const means = this.#means;
    const deviations = this.#deviations;
    for (let x = 0, to = own; x < line; x++, to++) {
      let sum = column[x]!;
      let square = columnSquares[x]!;
      let columns = 1;
      if (x >= 3) {
        sum += column[x - 3]!;
        square += columnSquares[x - 3]!;
        columns++;
      }
      if (x + 3 < line) {
        sum += column[x + 3]!;
        square += columnSquares[x + 3]!;
        columns++;
      }
      const mean = sum / (rows * columns);
      const variance = square / (rows * columns) - mean * mean;
      means[to] = mean;
      deviations[to] = variance > 0 ? Math.sqrt(variance) : 0;
    }
  }
}
