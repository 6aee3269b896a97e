import * as tf from '../../engine/tensorflow.ts';
import type { RowSource } from './row-source.ts';
import type { StageRunner } from './stage-runner.ts';
import type { Rows } from './stages.ts';

/**
 * Rows of a stage's result that are computed when they are read, because keeping them would take more room than it saves
 * time. What one band shares with the next is kept.
 */
export class ComputedRows implements RowSource {
  readonly height: number;
  readonly #runner: StageRunner;
  #last: (Rows & { readonly tensor: tf.Tensor4D }) | undefined;

  constructor(height: number, runner: StageRunner) {
    this.height = height;
    this.#runner = runner;
  }

  read({ from, to }: Rows): tf.Tensor4D {
    const last = this.#last;
    const shared = last !== undefined && from >= last.from && from < last.to ? last : undefined;
    // Enlargement gives two rows at a time.
    const wanted = { from: shared?.to ?? 2 * Math.floor(from / 2), to: this.#even(to) };
    const first = shared === undefined ? wanted.from : from;
    let band: tf.Tensor4D;
    if (shared !== undefined && wanted.to <= wanted.from) {
      band = rowsOf(shared.tensor, from - shared.from, shared.to - from);
    } else {
      const fresh = this.#runner.run(wanted).rows!;
      if (shared === undefined) band = fresh;
      else {
        band = tf.tidy(
          () =>
            tf.concat([rowsOf(shared.tensor, from - shared.from, shared.to - from), fresh], 1) as tf.Tensor4D,
        );
        fresh.dispose();
      }
    }
    last?.tensor.dispose();
    this.#last = { from: first, to: first + band.shape[1], tensor: band };
    return rowsOf(band, from - first, to - from);
  }

  release(before: number): void {
    const next = this.#last !== undefined ? Math.max(before, this.#last.to) : before;
    const from = 2 * Math.floor(Math.min(next, this.height - 1) / 2);
    this.#runner.release({ from, to: this.#even(from + 1) });
  }

  dispose(): void {
    this.#last?.tensor.dispose();
    this.#last = undefined;
  }

  #even(row: number): number {
    return Math.min(this.height, 2 * Math.ceil(row / 2));
  }
}

function rowsOf(band: tf.Tensor4D, from: number, count: number): tf.Tensor4D {
  return from === 0 && count === band.shape[1]
    ? band.clone()
    : tf.slice(band, [0, from, 0, 0], [-1, count, -1, -1]);
}
