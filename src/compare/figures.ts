/** What comparing finds: a network with the optimisation, and painted photos by a loss network. Nothing here reaches TensorFlow's types. */
import type { LbfgsConfig } from '../optimize/minimizer-settings.ts';
import type { Picture, PictureSize } from '../picture.ts';

/** A picture and its objective, as 8-bit pixels; `PictureSize` where a report needs no more of it. */
export interface Judged<Shown extends PictureSize = Picture> {
  readonly picture: Shown;
  readonly total: number;
  /** What it is the sum of: each term times its weight. */
  readonly terms: Readonly<Record<string, number>>;
}

/** Where the optimisation stood after so many iterations. */
export interface Milestone<Shown extends PictureSize = Picture> extends Judged<Shown> {
  readonly iterations: number;
  /** Spent in the optimisation so far, without judging. */
  readonly seconds: number;
}

/** A term of pairs, unweighted. */
export interface PairParity {
  readonly name: string;
  readonly weight: number;
  /** Of the network's pair. */
  readonly network: number;
  /** Of two optimisations; absent where they did not come to the last milestone. */
  readonly optimised?: number;
}

/** One photo at one size. */
export interface PhotoParity<Shown extends PictureSize = Picture> {
  readonly photo: Judged<Shown>;
  readonly network: Judged<Shown> & { readonly seconds: number };
  readonly milestones: readonly Milestone<Shown>[];
  /** k*: the first iteration whose 8-bit picture has an objective of at most the network's; undefined if none had. */
  readonly overtaken: { readonly iterations: number; readonly seconds: number } | undefined;
  /**
   * Iterations from the network's picture (`stylize --refine`) until its 8-bit picture has at most the objective of the
   * last milestone; undefined if as many iterations did not get there, or if it was not asked for.
   */
  readonly refined: { readonly iterations: number; readonly seconds: number } | undefined;
  /** What of the training objective is of pairs of pictures, where that was asked for (`pairs`). */
  readonly pairs?: readonly PairParity[];
  /** Iterations done; fewer than asked for where the minimiser could not continue or was stopped. */
  readonly iterations: number;
}

/** A photo's result with its name. */
export interface NamedParity<Shown extends PictureSize = Picture> extends PhotoParity<Shown> {
  readonly name: string;
}

/** What photos are compared at: a size, against one optimiser. */
export interface ComparisonRound {
  /** Longer side, px. */
  readonly size: number;
  /** How L-BFGS steps. */
  readonly lineSearch: LbfgsConfig['lineSearch'];
}

/** All photos of one round. */
export interface SizeParity<Shown extends PictureSize = Picture> extends ComparisonRound {
  readonly photos: readonly NamedParity<Shown>[];
}

export interface ParityReport<Shown extends PictureSize = Picture> {
  readonly style: string;
  /** What objective and times belong to, one line each. */
  readonly conditions: readonly string[];
  /** Iterations that the optimisation was shown at, ascending. */
  readonly at: readonly number[];
  readonly sizes: readonly SizeParity<Shown>[];
}

/** What a loss network says of one painted photo. */
export interface StyleJudgement {
  /** `style` over `photoStyle`: 1 is a photo left as it is, 0 one with the painting's own strokes. */
  readonly strokes: number;
  /** Correlation of both's feature maps at relu4_2 about their channels' means: 1 is the photo, about 0 any other picture. */
  readonly photoKept: number;
  /** Share of the photo's feature energy at relu4_2 that is lost (`relativeContentLoss`): more than 1 where painted features add to it. */
  readonly contentLost: number;
  /** What the painted picture misses of the painting: mean over the layers of Σ(G − A)² / ΣA² (`relativeStyleLoss`). */
  readonly style: number;
  /** The same of the photo. */
  readonly photoStyle: number;
}
