/**
 * A photo mirrored beyond its borders before it is painted, and cut to its size after: what is painted at a border then has
 * neighbours, as everything else. Layers that mirror their own features do not do the same, since strokes have directions.
 * Johnson et al. 2016 (supplementary) pad the input by 40 px, too, where their residual blocks take it off again.
 */
import type { PictureSize, PixelRows, Samples } from '../picture.ts';
import { mirrored } from './bands/mirrored.ts';

/** A picture with `margin` pixels mirrored around it; rows are made as they are read. */
export function withMargin(picture: PixelRows, margin: number): PixelRows {
  if (margin === 0) return picture;
  const { width, height } = picture;
  const columns = Uint32Array.from({ length: width + 2 * margin }, (_, i) =>
    mirrored(i - margin, width, 'REFLECT'),
  );
  return {
    width: width + 2 * margin,
    height: height + 2 * margin,
    read(from, to) {
      const lines = Array.from({ length: to - from }, (_, i) =>
        mirrored(from + i - margin, height, 'REFLECT'),
      );
      const [first, last] = [Math.min(...lines), Math.max(...lines) + 1];
      const rows = picture.read(first, last);
      const out = new (rows instanceof Uint16Array ? Uint16Array : Uint8Array)(
        3 * columns.length * lines.length,
      );
      for (const [i, line] of lines.entries())
        mirrorRow(rows.subarray(3 * width * (line - first), 3 * width * (line - first + 1)), columns, out, i);
      return out;
    },
  };
}

function mirrorRow(row: Samples, columns: Uint32Array, out: Samples, index: number): void {
  const { length } = columns;
  const margin = (length - row.length / 3) / 2;
  const start = 3 * length * index;
  out.set(row, start + 3 * margin);
  for (let x = 0; x < length; x++) {
    if (x === margin) x = length - margin;
    const from = 3 * columns[x]!;
    for (let c = 0; c < 3; c++) out[start + 3 * x + c] = row[from + c]!;
  }
}

/**
 * Takes the painted rows of a picture with its margin from the top, in parts of any height, and gives those without.
 *
 * @param size of the picture without margin.
 */
export class MarginCutter {
  readonly #size: PictureSize;
  readonly #margin: number;
  #row = 0;

  constructor(size: PictureSize, margin: number) {
    this.#size = size;
    this.#margin = margin;
  }

  /** @returns what of these rows, [rows, width + 2·margin, 3], lies within the picture, [rows, width, 3]; may be none. */
  cut(rows: Samples): Samples {
    const margin = this.#margin;
    if (margin === 0) return rows;
    const { width, height } = this.#size;
    const length = 3 * (width + 2 * margin);
    const from = Math.max(0, margin - this.#row);
    const to = Math.min(rows.length / length, margin + height - this.#row);
    this.#row += rows.length / length;
    const out = new (rows instanceof Uint16Array ? Uint16Array : Uint8Array)(
      3 * width * Math.max(0, to - from),
    );
    for (let y = from; y < to; y++) {
      const start = y * length + 3 * margin;
      out.set(rows.subarray(start, start + 3 * width), 3 * width * (y - from));
    }
    return out;
  }
}
