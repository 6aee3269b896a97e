import { mirrored } from '../infer/bands/mirrored.ts';
import type { Rows } from '../infer/bands/stages.ts';
import type { PixelRows } from '../picture.ts';

/** Rows of an image, plane by plane, that may be had beyond its border, where it is mirrored. */
export interface PlanarRows {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** @returns [C, to − from, W]. */
  read(rows: Rows, mode: 'REFLECT' | 'SYMMETRIC'): Float32Array;
  /** Rows above this one will not be read again. */
  release(before: number): void;
}

/** The result of a stage: filled from the top, given up from the top. */
export class RowChunks implements PlanarRows {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly #chunks: (Rows & { readonly planes: Float32Array })[] = [];
  #filled = 0;

  constructor(size: { readonly height: number; readonly width: number }, channels: number) {
    this.height = size.height;
    this.width = size.width;
    this.channels = channels;
  }

  /** The next rows, [C, H, W]; taken over. */
  append(planes: Float32Array): void {
    const from = this.#filled;
    this.#filled += planes.length / this.channels / this.width;
    this.#chunks.push({ from, to: this.#filled, planes });
  }

  read({ from, to }: Rows, mode: 'REFLECT' | 'SYMMETRIC'): Float32Array {
    const [{ width, channels }, count] = [this, to - from];
    const out = new Float32Array(channels * count * width);
    for (let i = 0; i < count; ) {
      const first = mirrored(from + i, this.height, mode);
      const chunk = this.#chunks.find((one) => one.from <= first && first < one.to);
      if (chunk === undefined) throw new Error(`Row ${first} has been given up.`);
      // As many as follow one another, at once.
      let run = 1;
      while (
        i + run < count &&
        first + run < chunk.to &&
        mirrored(from + i + run, this.height, mode) === first + run
      )
        run++;
      const rows = chunk.to - chunk.from;
      for (let c = 0; c < channels; c++) {
        const start = (c * rows + first - chunk.from) * width;
        out.set(chunk.planes.subarray(start, start + run * width), (c * count + i) * width);
      }
      i += run;
    }
    return out;
  }

  release(before: number): void {
    while (this.#chunks[0] !== undefined && this.#chunks[0].to <= before) this.#chunks.shift();
  }
}

/** A picture's pixels, in [0, 255]. */
export class PicturePlanes implements PlanarRows {
  readonly channels = 3;
  readonly #picture: PixelRows;

  constructor(picture: PixelRows) {
    this.#picture = picture;
  }

  get height(): number {
    return this.#picture.height;
  }

  get width(): number {
    return this.#picture.width;
  }

  read({ from, to }: Rows, mode: 'REFLECT' | 'SYMMETRIC'): Float32Array {
    const [width, count] = [this.width, to - from];
    const out = new Float32Array(3 * count * width);
    const lines = Array.from({ length: count }, (_, i) => mirrored(from + i, this.height, mode));
    const first = lines.reduce((least, line) => Math.min(least, line));
    const last = lines.reduce((most, line) => Math.max(most, line));
    const pixels = this.#picture.read(first, last + 1);
    const scale = pixels instanceof Uint16Array ? 1 / 257 : 1;
    for (const [i, line] of lines.entries())
      for (let x = 0, at = 3 * (line - first) * width; x < width; x++)
        for (let c = 0; c < 3; c++) out[(c * count + i) * width + x] = pixels[at++]! * scale;
    return out;
  }

  release(): void {}
}
