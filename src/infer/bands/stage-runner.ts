import { numbered } from '../../engine/compile/compile.ts';
import * as tf from '../../engine/tensorflow.ts';
import { isWithin, lowestRow } from './mirrored.ts';
import { type RowSource, readMirrored } from './row-source.ts';
import type {
  NormalizationTensors,
  PartTensors,
  StageConvolution,
  StageFunction,
  StageOutputs,
} from './stage-function.ts';
import { type NetworkStage, type Rows, rowsRead } from './stages.ts';

/** One part of what a stage reads. */
export interface StagePart {
  readonly source: RowSource;
  /** What it is to be normalised by, if it is. */
  readonly normalization: NormalizationTensors | undefined;
  /** Whether no later stage reads it. */
  readonly lastUse: boolean;
}

/** A stage with what it reads and its compiled function: gives any rows of its result. Owns none of them. */
export class StageRunner {
  readonly #stage: NetworkStage;
  readonly #parts: readonly StagePart[];
  readonly #convolution: StageConvolution;
  readonly #work: StageFunction;

  constructor(
    stage: NetworkStage,
    parts: readonly StagePart[],
    convolution: StageConvolution,
    work: StageFunction,
  ) {
    this.#stage = stage;
    this.#parts = parts;
    this.#convolution = convolution;
    this.#work = work;
  }

  /** @returns what was asked for (`compileStage`), for rows of the result. Caller disposes. */
  run(rows: Rows): StageOutputs {
    const read = rowsRead(this.#stage, rows);
    const parts = this.#parts.map(
      ({ source, normalization }): PartTensors => ({
        rows: readMirrored(source, read, this.#mode),
        normalization,
      }),
    );
    const within = this.#within(read);
    try {
      return this.#work.run({ parts: numbered(parts), convolution: this.#convolution, ...within });
    } finally {
      tf.dispose([parts.map((part) => part.rows), within]);
    }
  }

  /** The next rows asked for will be `rows`, or lie below. */
  release(rows: Rows): void {
    const read = rowsRead(this.#stage, rows);
    for (const { source, lastUse } of this.#parts) {
      if (lastUse) source.release(lowestRow(read, source.height, this.#mode));
    }
  }

  /** Where zeros lie beyond the border: which rows are within it. Caller disposes. */
  #within({ from, to }: Rows): { readonly within?: tf.Tensor4D } {
    if (this.#stage.border !== 'zero') return {};
    const { height } = this.#parts[0]!.source;
    const inside = Float32Array.from({ length: to - from }, (_, i) => isWithin(from + i, height));
    return { within: tf.tensor4d(inside, [1, to - from, 1, 1]) };
  }

  get #mode() {
    return this.#stage.kind === 'up' ? 'SYMMETRIC' : 'REFLECT';
  }
}
