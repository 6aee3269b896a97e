import type { PixelRows } from '../../picture.ts';

/** How often, and by what share of its difference from its surroundings, a pixel is moved away from them. */
const [TIMES, STRENGTH] = [2, 1.5];
/** Grey levels between the darkest and the lightest neighbour from which on an edge is one; the weave of a flat is not. */
const EDGE = 60;
/** Rows above and below that one time reaches. */
const REACH = 2;

/**
 * A picture with the edges of its strokes drawn again, for one that has been enlarged: unsharp masking that goes no further
 * than the darkest and the lightest neighbour, twice. So an edge becomes steep without a rim of light, and no grain appears
 * where there was none.
 *
 *   x′ = min(max(x + s·e·(x − b), darkest), lightest),  e = min(1, (lightest − darkest) / 60)
 *
 * with b the mean of 5×5 pixels under a pyramid of weights and the extremes of 3×3, channel by channel.
 */
export class CrispRows implements PixelRows<Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly #source: PixelRows<Float32Array>;
  readonly #strength: number;

  /** @param share of full strength, 0 to 1: an enlargement by less than two wants less. */
  constructor(source: PixelRows<Float32Array>, share: number) {
    this.width = source.width;
    this.height = source.height;
    this.#source = source;
    this.#strength = STRENGTH * share;
  }

  read(from: number, to: number): Float32Array {
    const halo = TIMES * REACH;
    const [first, last] = [Math.max(0, from - halo), Math.min(this.height, to + halo)];
    const rowValues = 3 * this.width;
    let rows = this.#source.read(first, last);
    for (let time = 0; time < TIMES; time++) rows = crisper(rows, rowValues, this.#strength);
    return rows.slice((from - first) * rowValues, (to - first) * rowValues);
  }
}

/** One time. Beyond the border, pixels repeat. */
function crisper(rows: Float32Array, rowValues: number, strength: number): Float32Array {
  const height = rows.length / rowValues;
  const [mean, low, high] = [rows, rows, rows].map(({ length }) => new Float32Array(length)) as Planes;
  // With two more pixels at both ends, so that the loop has no border.
  const line = new Float32Array(rowValues + 12);
  for (let y = 0; y < height; y++) {
    const start = y * rowValues;
    line.set(rows.subarray(start, start + rowValues), 6);
    for (let c = 0; c < 3; c++) {
      line[c] = line[c + 3] = line[c + 6]!;
      line[rowValues + 6 + c] = line[rowValues + 9 + c] = line[rowValues + 3 + c]!;
    }
    for (let x = 0; x < rowValues; x++) {
      const [before, own, behind] = [line[x + 3]!, line[x + 6]!, line[x + 9]!];
      const [least, most] = before < behind ? [before, behind] : [behind, before];
      mean[start + x] = (line[x]! + line[x + 12]! + 2 * (before + behind) + 3 * own) / 9;
      low[start + x] = own < least ? own : least;
      high[start + x] = own > most ? own : most;
    }
  }
  const result = new Float32Array(rows.length);
  const lineAt = (y: number) => Math.min(height - 1, Math.max(0, y)) * rowValues;
  for (let y = 0; y < height; y++) {
    const [a, b, o, d, e] = [lineAt(y - 2), lineAt(y - 1), lineAt(y), lineAt(y + 1), lineAt(y + 2)];
    for (let x = 0; x < rowValues; x++) {
      const around = (mean[a + x]! + mean[e + x]! + 2 * (mean[b + x]! + mean[d + x]!) + 3 * mean[o + x]!) / 9;
      let [darkest, lightest] = [low[o + x]!, high[o + x]!];
      if (low[b + x]! < darkest) darkest = low[b + x]!;
      if (low[d + x]! < darkest) darkest = low[d + x]!;
      if (high[b + x]! > lightest) lightest = high[b + x]!;
      if (high[d + x]! > lightest) lightest = high[d + x]!;
      const value = rows[o + x]!;
      const range = lightest - darkest;
      const moved = value + strength * (range < EDGE ? range / EDGE : 1) * (value - around);
      result[o + x] = moved < darkest ? darkest : moved > lightest ? lightest : moved;
    }
  }
  return result;
}

type Planes = [Float32Array, Float32Array, Float32Array];
