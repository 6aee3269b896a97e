import type { Bounds, Evaluate, Evaluation, Iteration, Minimizer } from './evaluation.ts';
import { gradientRatio } from './gradient-ratio.ts';
import { LbfgsMemory } from './lbfgs-memory.ts';
import { clamp, distance, dot, norm, scale } from './vectors.ts';

export interface FixedStepLbfgsOptions {
  /** Pairs remembered. Defaults to 100. */
  readonly history?: number;
  /** Evaluations after which the memory is forgotten; 0, the default, never. */
  readonly restartEvery?: number;
  /** How much of a coordinate is 1 in the published program: 255 where its pixels are in [0, 1]. Defaults to 1. */
  readonly unit?: number;
  /** Factor that the published program has on the objective. Defaults to 1. */
  readonly lossScale?: number;
  /** Box into which the point is clipped after each step; none by default. */
  readonly bounds?: Bounds;
}

/** A pair with a smaller sᵀy is not remembered. In units of the (scaled) objective, independent of the coordinates' unit. */
const SMALLEST_CURVATURE = 1e-10;

/**
 * L-BFGS without a line search, as Torch7's `optim.lbfgs` and PyTorch's `torch.optim.LBFGS` have it by default: each
 * direction of the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4) is taken at full length, the first one, −g,
 * at min(1, 1/Σ|g|) of it. One evaluation is one iteration; nothing is undone, and the objective may rise. It is the
 * optimiser of Johnson et al. 2016, §4.1, who clip the picture to [0, 255] at each iteration.
 *
 * Clipping moves the point without the minimiser's knowledge, as it does there: s is the intended step, y the actual
 * change of the gradient.
 *
 * `unit` and `lossScale` matter for the first step, and for which pairs are too flat to be remembered: all else is the
 * same in any units. Restarts (Keras' rounds) begin with a first step again.
 */
export class FixedStepLbfgs<Terms = unknown> implements Minimizer<Terms> {
  #point: Float32Array;
  #evaluation: Evaluation<Terms>;
  readonly #evaluate: Evaluate<Terms>;
  readonly #options: FixedStepLbfgsOptions;
  #memory: LbfgsMemory;
  /** Whether the next step is the first since the start or a restart. */
  #first = true;
  #sinceRestart = 0;

  /** Evaluates the start, which is copied (and brought into the bounds). */
  constructor(evaluate: Evaluate<Terms>, start: Float32Array, options: FixedStepLbfgsOptions = {}) {
    this.#evaluate = evaluate;
    this.#options = options;
    this.#memory = this.#emptyMemory();
    this.#point = Float32Array.from(start);
    if (options.bounds !== undefined) clamp(this.#point, options.bounds.lower, options.bounds.upper);
    this.#evaluation = evaluate(this.#point);
  }

  get point(): Float32Array {
    return this.#point;
  }

  get evaluation(): Evaluation<Terms> {
    return this.#evaluation;
  }

  step(): Iteration<Terms> {
    const { restartEvery = 0, bounds } = this.#options;
    if (restartEvery > 0 && this.#sinceRestart >= restartEvery) {
      this.#memory.forget();
      this.#first = true;
      this.#sinceRestart = 0;
    }
    const from = this.#evaluation;
    const stay = { evaluation: from, stepLength: 0, evaluations: 0, undone: 0 };
    const size = norm(from.gradient);
    if (!Number.isFinite(from.value) || !Number.isFinite(size)) return { ...stay, stopped: 'not-finite' };
    if (size === 0) return { ...stay, stopped: 'gradient' };
    const step = this.#step(from.gradient);
    if (!(dot(step, from.gradient) < 0)) return { ...stay, stopped: 'ascent' };

    const point = new Float32Array(step.length);
    for (let i = 0; i < point.length; i++) point[i] = this.#point[i]! + step[i]!;
    if (bounds !== undefined) clamp(point, bounds.lower, bounds.upper);
    const evaluation = this.#evaluate(point);
    this.#sinceRestart++;
    if (!Number.isFinite(evaluation.value) || !Number.isFinite(norm(evaluation.gradient)))
      return { ...stay, evaluations: 1, undone: 1, stopped: 'not-finite' };
    const change = this.#memory.vector(point.length);
    for (let i = 0; i < change.length; i++) change[i] = evaluation.gradient[i]! - from.gradient[i]!;
    const stepLength = distance(point, this.#point);
    this.#memory.remember(step, change);
    this.#first = false;
    this.#point = point;
    this.#evaluation = evaluation;
    return { evaluation, stepLength, evaluations: 1, undone: 0 };
  }

  rescaled(
    evaluate: Evaluate<Terms>,
    start: Float32Array,
    resize: (vector: Float32Array) => Float32Array,
  ): FixedStepLbfgs<Terms> {
    const other = new FixedStepLbfgs(evaluate, start, this.#options);
    const ratio = gradientRatio(this.#evaluation, other.#evaluation, resize);
    other.#memory = this.#memory.rescaled(resize, ratio);
    other.#first = this.#first;
    return other;
  }

  /** The whole step, in the coordinates' own units. A new vector. */
  #step(gradient: Float32Array): Float32Array {
    const { unit = 1, lossScale = 1 } = this.#options;
    const step = this.#memory.direction(gradient);
    // Without pairs a direction is the gradient of the published program: times lossScale and, for steps and slopes, unit.
    if (this.#memory.length === 0) scale(step, lossScale * unit ** 2);
    if (this.#first) {
      let sum = 0;
      for (let i = 0; i < gradient.length; i++) sum += Math.abs(gradient[i]!);
      scale(step, Math.min(1, 1 / (sum * lossScale * unit)));
    }
    return step;
  }

  #emptyMemory(): LbfgsMemory {
    const { history = 100, lossScale = 1 } = this.#options;
    return new LbfgsMemory(history, ({ sy }) => sy * lossScale > SMALLEST_CURVATURE);
  }
}
