import * as tf from '../../engine/tensorflow.ts';
import type { ScratchFile } from '../../system/scratch-file.ts';
import type { RowStore } from './row-source.ts';
import type { Rows } from './stages.ts';

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
