import * as tf from '../../engine/tensorflow.ts';
import type { ScratchFile } from '../../system/scratch-file.ts';
import type { RowStore } from './row-source.ts';
import type { Rows } from './stages.ts';

/** Rows kept in memory, band by band, each given back as soon as it will not be read again. */
export class KeptRows implements RowStore {
  readonly height: number;
  #bands: (Rows & { readonly tensor: tf.Tensor4D })[] = [];
  #filled = 0;

  constructor(height: number) {
    this.height = height;
  }

  append(tensor: tf.Tensor4D): void {
    const to = this.#filled + tensor.shape[1];
    this.#bands.push({ from: this.#filled, to, tensor });
    this.#filled = to;
  }

  read({ from, to }: Rows): tf.Tensor4D {
    return tf.tidy(() => {
      const parts = this.#bands
        .filter((band) => band.from < to && band.to > from)
        .map((band) => {
          const [first, last] = [Math.max(from, band.from), Math.min(to, band.to)];
          const isWhole = first === band.from && last === band.to;
          return isWhole
            ? band.tensor
            : tf.slice(band.tensor, [0, first - band.from, 0, 0], [-1, last - first, -1, -1]);
        });
      return parts.length === 1 ? parts[0]!.clone() : (tf.concat(parts, 1) as tf.Tensor4D);
    });
  }

  release(before: number): void {
    const done = this.#bands.filter((band) => band.to <= before);
    tf.dispose(done.map(({ tensor }) => tensor));
    this.#bands = this.#bands.slice(done.length);
  }

  dispose(): void {
    this.release(Number.POSITIVE_INFINITY);
  }
}

/** Rows kept in a temporary file. */
export class SpilledRows implements RowStore {
  readonly height: number;
  readonly #file: ScratchFile;
  #rowShape: readonly [number, number] = [0, 0];
  #filled = 0;
  /** The same memory every time: fresh pages cost more than reading does. */
  #buffer = new Float32Array(0);

  /** @param file taken over. */
  constructor(height: number, file: ScratchFile) {
    this.height = height;
    this.#file = file;
  }

  append(tensor: tf.Tensor4D): void {
    const [, rows, width, channels] = tensor.shape;
    this.#rowShape = [width, channels];
    const values = tensor.dataSync();
    tensor.dispose();
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#file.write(bytes, this.#filled * width * channels * 4);
    this.#filled += rows;
  }

  read({ from, to }: Rows): tf.Tensor4D {
    const [width, channels] = this.#rowShape;
    const rowValues = width * channels;
    const length = (to - from) * rowValues;
    if (this.#buffer.length < length) this.#buffer = new Float32Array(length);
    const values = this.#buffer.subarray(0, length);
    this.#file.read(new Uint8Array(values.buffer, 0, values.byteLength), from * rowValues * 4);
    return tf.tensor4d(values, [1, to - from, width, channels]);
  }

  release(): void {}

  dispose(): void {
    this.#file.close();
  }
}
