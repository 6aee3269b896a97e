import type { PictureSize, PixelRows, Samples } from '../../picture.ts';
import { ScratchFile } from '../../system/scratch-file.ts';

/** A painted picture in a temporary file: filled from the top, read in any order. */
export class PaintedStore implements PixelRows {
  readonly width: number;
  readonly height: number;
  readonly #file: ScratchFile;
  readonly #bits: 8 | 16;
  #filled = 0;

  /** @throws {FileError} no temporary file can be made. */
  constructor({ width, height }: PictureSize, bits: 8 | 16, folder: string) {
    this.width = width;
    this.height = height;
    this.#bits = bits;
    this.#file = new ScratchFile(folder);
  }

  /** The next rows. @throws {FileError} no room is left. */
  append(rows: Samples): void {
    this.#file.write(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength), this.#filled);
    this.#filled += rows.byteLength;
  }

  read(from: number, to: number): Samples {
    const values = 3 * this.width * (to - from);
    const rows = this.#bits === 16 ? new Uint16Array(values) : new Uint8Array(values);
    this.#file.read(new Uint8Array(rows.buffer), (3 * this.width * from * this.#bits) / 8);
    return rows;
  }

  close(): void {
    this.#file.close();
  }
}
