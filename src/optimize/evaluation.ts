import type { WeighedTerm } from './settings.ts';

/**
 * Values of the loss terms, unweighted, in the units of the objective; 0 where they have no weight. Those of layers are weighted
 * means (`relative`) or sums (the other units). The caller's own terms come after these.
 */
export type LossTerms = Readonly<Record<WeighedTerm, number>> & {
  /** Each content layer by itself, without its weight. */
  readonly contentLayers: Readonly<Record<string, number>>;
  /** Each style layer by itself, without its weight; over several paintings their weighted mean. */
  readonly styleLayers: Readonly<Record<string, number>>;
};

/** An objective at one point. */
export interface Evaluation<Terms = unknown> {
  readonly value: number;
  /** As long as the point. The receiver may keep it. */
  readonly gradient: Float32Array;
  readonly terms: Terms;
}

/** A function to be minimised, with its gradient. It keeps no reference to the point. */
export type Evaluate<Terms = unknown> = (point: Float32Array) => Evaluation<Terms>;

/** Why a minimiser cannot continue. */
export type StopReason =
  | 'iterations'
  | 'evaluations'
  | 'time'
  | 'tolerance'
  | 'gradient'
  | 'line-search'
  | 'ascent'
  | 'not-finite'
  | 'aborted';

/** What each reason means, in words for people. */
export const STOP_MESSAGES: Readonly<Record<StopReason, string>> = {
  iterations: 'all iterations are done',
  evaluations: 'the limit of evaluations is reached',
  time: 'the time limit is reached',
  tolerance: 'the total hardly changes any more',
  gradient: 'the gradient is as good as zero',
  'line-search': 'no better point was found along the gradient, even after a restart',
  ascent: 'the direction no longer descends, and steps of fixed length have no way back',
  'not-finite': 'the objective is not finite, however short the step',
  aborted: 'it was interrupted',
};

/** One iteration of a minimiser. */
export interface Iteration<Terms = unknown> {
  readonly evaluation: Evaluation<Terms>;
  /** Evaluations that this iteration took. */
  readonly evaluations: number;
  /** Euclidean length of the step, in grey levels. */
  readonly stepLength: number;
  /** Trial steps undone for a spike or a value that is not finite. */
  readonly undone: number;
  /** Set when the minimiser cannot continue; the point is then still the last good one. */
  readonly stopped?: StopReason;
}

/** A minimiser that walks from its start one iteration at a time. */
export interface Minimizer<Terms = unknown> {
  /** The current point. Valid until the next `step`; copy what you keep. */
  readonly point: Float32Array;
  readonly evaluation: Evaluation<Terms>;
  step(): Iteration<Terms>;
  /**
   * The same minimiser on another grid: every vector it remembers goes through `resize`, and what is of the gradient's
   * kind is scaled by how much the gradient has become longer.
   */
  rescaled(
    evaluate: Evaluate<Terms>,
    start: Float32Array,
    resize: (vector: Float32Array) => Float32Array,
  ): Minimizer<Terms>;
}

/** A box that every coordinate is kept in. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}
