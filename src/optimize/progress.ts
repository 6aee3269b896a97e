import type { Picture } from '../picture.ts';
import type { LossTerms, StopReason } from './evaluation.ts';

/** State of an optimisation after an iteration (iteration 0 is the start). */
export interface OptimizeProgress {
  /** Over all scales, from 0. */
  readonly iteration: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Since the first evaluation; preparing and compiling not counted. */
  readonly seconds: number;
  /** Weighted sum of the terms: what is minimised. */
  readonly total: number;
  readonly terms: LossTerms;
  /** The weight of each term that has one. */
  readonly weights: Readonly<Record<string, number>>;
  /** Euclidean length of the last step, in grey levels. */
  readonly stepLength: number;
  /** Lowest total so far, at this scale. */
  readonly best: number;
  /** Trial steps undone so far, because the total spiked or was not finite. */
  readonly undone: number;
  readonly scale: {
    /** From 0. */
    readonly index: number;
    readonly count: number;
    readonly width: number;
    readonly height: number;
  };
  /** The current picture (of the average, where iterates are averaged), 8 bit. Call it before the next iteration. */
  picture(): Picture;
}

export interface OptimizeResult {
  /** 8 bit, of the size of the finest scale that was reached. */
  readonly picture: Picture;
  /** Of the result before it was rounded to 8 bit. */
  readonly total: number;
  readonly terms: LossTerms;
  readonly iterations: number;
  readonly evaluations: number;
  readonly seconds: number;
  readonly undone: number;
  readonly stopped: StopReason;
  /** `stopped` in words. */
  readonly message: string;
  /** What differs from the call, in words; for instance another loss network than the recipe's. */
  readonly notes: readonly string[];
}
