import type { PictureSize, PixelRows } from '../../picture.ts';

/** What each place of a resampled line is the weighted sum of. */
interface Taps {
  /** Taps per place. */
  readonly count: number;
  /** [places, count]: index into the source's line. */
  readonly index: Int32Array;
  /** [places, count]; each place's sum to 1. */
  readonly weight: Float32Array;
}

/**
 * A picture at another size, row by row, by a cubic kernel, which is as much wider where the picture shrinks, so that nothing
 * is skipped. Where it grows, the kernel is smooth, without a rim at edges and without steps in slanted ones. Beyond the border
 * pixels repeat.
 * The picture's own values where the size is its own.
 */
export class ResampledRows implements PixelRows<Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly #source: PixelRows<Float32Array>;
  readonly #across: Taps;
  readonly #down: Taps;

  constructor(source: PixelRows<Float32Array>, { width, height }: PictureSize) {
    this.#source = source;
    this.width = width;
    this.height = height;
    this.#across = tapsOf(source.width, width);
    this.#down = tapsOf(source.height, height);
  }

  read(from: number, to: number): Float32Array {
    if (this.width === this.#source.width && this.height === this.#source.height)
      return this.#source.read(from, to);
    const { count, index, weight } = this.#down;
    const [first, last] = [index[from * count]!, index[to * count - 1]!];
    const lines = this.#narrowed(this.#source.read(first, last + 1), last + 1 - first);
    const rowValues = 3 * this.width;
    const result = new Float32Array((to - from) * rowValues);
    for (let y = from; y < to; y++) {
      const at = (y - from) * rowValues;
      for (let tap = y * count; tap < (y + 1) * count; tap++) {
        const [share, line] = [weight[tap]!, (index[tap]! - first) * rowValues];
        if (share === 0) continue;
        for (let i = 0; i < rowValues; i++) result[at + i]! += share * lines[line + i]!;
      }
    }
    return result;
  }

  /** Rows at the new width. */
  #narrowed(rows: Float32Array, height: number): Float32Array {
    const { count, index, weight } = this.#across;
    const [own, wanted] = [3 * this.#source.width, 3 * this.width];
    if (own === wanted) return rows;
    const result = new Float32Array(height * wanted);
    for (let y = 0; y < height; y++) {
      for (let x = 0, to = y * wanted; x < this.width; x++, to += 3) {
        let [r, g, b] = [0, 0, 0];
        for (let tap = x * count; tap < (x + 1) * count; tap++) {
          const [share, from] = [weight[tap]!, y * own + 3 * index[tap]!];
          r += share * rows[from]!;
          g += share * rows[from + 1]!;
          b += share * rows[from + 2]!;
        }
        result[to] = r;
        result[to + 1] = g;
        result[to + 2] = b;
      }
    }
    return result;
  }
}

function tapsOf(from: number, to: number): Taps {
  const step = from / to;
  const reach = Math.max(1, step);
  // A little larger wants a little of it: the picture's own size is the picture.
  const smoothness = Math.min(1, Math.max(0, -Math.log2(step)));
  const count = 2 * Math.ceil(2 * reach) + 1;
  const index = new Int32Array(to * count);
  const weight = new Float32Array(to * count);
  for (let place = 0; place < to; place++) {
    const centre = (place + 0.5) * step - 0.5;
    const first = Math.floor(centre) - Math.floor(count / 2) + 1;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const share = cubic((first + k - centre) / reach, smoothness);
      index[place * count + k] = Math.min(from - 1, Math.max(0, first + k));
      weight[place * count + k] = share;
      sum += share;
    }
    for (let k = 0; k < count; k++) weight[place * count + k]! /= sum;
  }
  return { count, index, weight };
}

/**
 * Mitchell & Netravali 1988, 'Reconstruction filters in computer graphics', eq. 8, with C = (1 − B) / 2: from Keys' kernel
 * (B = 0), which is sharp and overshoots, to the B-spline (B = 1), which does neither.
 */
function cubic(distance: number, b: number): number {
  const c = (1 - b) / 2;
  const x = Math.abs(distance);
  if (x >= 2) return 0;
  return x < 1
    ? ((12 - 9 * b - 6 * c) * x ** 3 + (-18 + 12 * b + 6 * c) * x ** 2 + 6 - 2 * b) / 6
    : ((-b - 6 * c) * x ** 3 + (6 * b + 30 * c) * x ** 2 + (-12 * b - 48 * c) * x + 8 * b + 24 * c) / 6;
}
