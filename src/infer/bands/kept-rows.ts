import * as tf from '../../engine/tensorflow.ts';
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
