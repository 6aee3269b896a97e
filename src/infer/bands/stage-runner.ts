import type { CompiledFunction } from '../../engine/compile/compile.ts';
import * as tf from '../../engine/tensorflow.ts';
import { lowestRow, type RowSource, readMirrored } from './row-source.ts';
import { type NetworkStage, type Rows, rowsRead } from './stages.ts';

/** One part of what a stage reads. */
export interface StagePart {
  readonly source: RowSource;
  /** Scale, offset, mean and variance where it is to be normalised. */
  readonly normalization: readonly tf.Tensor[];
  /** Whether no later stage reads it. */
  readonly lastUse: boolean;
}

/** A stage with what it reads and its compiled function: gives any rows of its result. Owns none of them. */
export class StageRunner {
  readonly #stage: NetworkStage;
  readonly #parts: readonly StagePart[];
  readonly #convolution: readonly tf.Tensor[];
  readonly #work: CompiledFunction;

  constructor(
    stage: NetworkStage,
    parts: readonly StagePart[],
    convolution: readonly tf.Tensor[],
    work: CompiledFunction,
  ) {
    this.#stage = stage;
    this.#parts = parts;
    this.#convolution = convolution;
    this.#work = work;
  }

  /** @returns the function's outputs (`compileStage`) for rows of the result. Caller disposes. */
  run(rows: Rows): tf.Tensor[] {
    const read = rowsRead(this.#stage, rows);
    const bands = this.#parts.map(({ source }) => readMirrored(source, read, this.#mode));
    const inputs = this.#parts.flatMap(({ normalization }, i) => [bands[i]!, ...normalization]);
    try {
      return this.#work.run(...inputs, ...this.#convolution);
    } finally {
      tf.dispose(bands);
    }
  }

  /** The next rows asked for will be `rows`, or lie below. */
  release(rows: Rows): void {
    const read = rowsRead(this.#stage, rows);
    for (const { source, lastUse } of this.#parts) {
      if (lastUse) source.release(lowestRow(read, source.height, this.#mode));
    }
  }

  get #mode() {
    return this.#stage.kind === 'up' ? 'SYMMETRIC' : 'REFLECT';
  }
}
