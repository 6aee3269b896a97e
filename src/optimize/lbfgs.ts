import type { Bounds, Evaluate, Evaluation, Iteration, Minimizer } from './evaluation.ts';
import { gradientRatio } from './gradient-ratio.ts';
import { LbfgsMemory } from './lbfgs-memory.ts';
import { clamp, differences, dot, largest } from './vectors.ts';
import { type LinePoint, type WolfeOptions, wolfeSearch } from './wolfe-search.ts';

export interface LbfgsOptions extends WolfeOptions {
  /** Pairs remembered. Defaults to 10. */
  readonly history?: number;
  /** Evaluations after which the memory is forgotten; 0, the default, never. */
  readonly restartEvery?: number;
  /** Largest change of a coordinate that the first trial step makes. Defaults to 1. */
  readonly firstChange?: number;
  /** Box that the point is kept in; none by default. */
  readonly bounds?: Bounds;
  /** A trial value above this many times the last good one is a spike and given up. Defaults to infinity. */
  readonly spikeFactor?: number;
}

interface Trial<Terms> extends LinePoint {
  readonly point: Float32Array;
  readonly evaluation: Evaluation<Terms>;
}

/**
 * L-BFGS (Nocedal & Wright 2006, algorithm 7.5) with a strong-Wolfe line search. Where the search finds nothing, it starts
 * again from steepest descent; if that finds nothing either, it reports so.
 *
 * With bounds, coordinates at one with the gradient pushing them out are left out of the direction, and the line
 * bends where it meets the box (projected search: Bertsekas 1982, 'Projected Newton Methods').
 */
export class Lbfgs<Terms = unknown> implements Minimizer<Terms> {
  #point: Float32Array;
  #evaluation: Evaluation<Terms>;
  readonly #evaluate: Evaluate<Terms>;
  readonly #options: LbfgsOptions;
  #memory: LbfgsMemory;
  #sinceRestart = 0;

  /** Evaluates the start, which is copied (and brought into the bounds). */
  constructor(evaluate: Evaluate<Terms>, start: Float32Array, options: LbfgsOptions = {}) {
    this.#evaluate = evaluate;
    this.#options = options;
    this.#memory = new LbfgsMemory(options.history ?? 10);
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
    const { restartEvery = 0 } = this.#options;
    if (restartEvery > 0 && this.#sinceRestart >= restartEvery) this.#forget();
    const free = this.#freeGradient();
    const done = { evaluations: 0, undone: 0 };
    const steepest = largest(free);
    if (!Number.isFinite(this.#evaluation.value) || !Number.isFinite(steepest))
      return this.#stopped('not-finite', done);
    if (steepest === 0) return this.#stopped('gradient', done);

    let anyFinite = false;
    for (;;) {
      const fresh = this.#memory.length === 0;
      const search = this.#search(free);
      done.evaluations += search.evaluations;
      done.undone += search.undone;
      anyFinite ||= search.undone < search.evaluations;
      if (search.point !== undefined) return this.#accept(search.point, done);
      if (fresh) return this.#stopped(anyFinite ? 'line-search' : 'not-finite', done);
      this.#forget();
    }
  }

  rescaled(
    evaluate: Evaluate<Terms>,
    start: Float32Array,
    resize: (vector: Float32Array) => Float32Array,
  ): Lbfgs<Terms> {
    const other = new Lbfgs(evaluate, start, this.#options);
    const ratio = gradientRatio(this.#evaluation, other.#evaluation, resize);
    other.#memory = this.#memory.rescaled(resize, ratio);
    return other;
  }

  /** The gradient without what pushes out of the box. */
  #freeGradient(): Float32Array {
    const { bounds } = this.#options;
    const { gradient } = this.#evaluation;
    if (bounds === undefined) return gradient;
    const [free, point] = [Float32Array.from(gradient), this.#point];
    for (let i = 0; i < free.length; i++)
      if (free[i]! > 0 ? point[i]! <= bounds.lower : point[i]! >= bounds.upper) free[i] = 0;
    return free;
  }

  #search(free: Float32Array) {
    const { bounds, firstChange = 1, spikeFactor = Number.POSITIVE_INFINITY } = this.#options;
    let direction = this.#memory.direction(free);
    if (bounds !== undefined) for (let i = 0; i < free.length; i++) if (free[i] === 0) direction[i] = 0;
    let slope = dot(direction, free);
    if (!(slope < 0)) {
      // Rounding has the better of the memory: steepest descent always descends.
      this.#forget();
      direction = this.#memory.direction(free);
      slope = -dot(free, free);
    }
    const first = this.#memory.length === 0 ? firstChange / largest(direction) : 1;
    const { value } = this.#evaluation;
    const spike = value > 0 ? value * spikeFactor : Number.POSITIVE_INFINITY;
    const start: LinePoint = { step: 0, value, slope };
    return wolfeSearch((step) => this.#trial(direction, step), start, first, { ...this.#options, spike });
  }

  #trial(direction: Float32Array, step: number): Trial<Terms> {
    const { bounds } = this.#options;
    const from = this.#point;
    const point = new Float32Array(from.length);
    const lower = bounds?.lower ?? Number.NEGATIVE_INFINITY;
    const upper = bounds?.upper ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i < point.length; i++) {
      const moved = from[i]! + step * direction[i]!;
      point[i] = moved < lower ? lower : moved > upper ? upper : moved;
    }
    const evaluation = this.#evaluate(point);
    this.#sinceRestart++;
    const slope = slopeWithin(direction, evaluation.gradient, point, lower, upper);
    return { step, value: evaluation.value, slope, point, evaluation };
  }

  #accept(
    { point, evaluation }: Trial<Terms>,
    done: { evaluations: number; undone: number },
  ): Iteration<Terms> {
    const [s, y] = [this.#memory.vector(point.length), this.#memory.vector(point.length)];
    const gradients = [evaluation.gradient, this.#evaluation.gradient] as const;
    const products = differences(s, [point, this.#point], y, gradients);
    const stepLength = Math.sqrt(products.ss);
    this.#memory.remember(s, y, products);
    this.#point = point;
    this.#evaluation = evaluation;
    return { evaluation, stepLength, ...done };
  }

  #stopped(
    stopped: Exclude<Iteration['stopped'], undefined>,
    done: { evaluations: number; undone: number },
  ): Iteration<Terms> {
    return { evaluation: this.#evaluation, stepLength: 0, ...done, stopped };
  }

  #forget(): void {
    this.#memory.forget();
    this.#sinceRestart = 0;
  }
}

/** φ′ along the bent line: coordinates at the bounds no longer move. */
function slopeWithin(
  direction: Float32Array,
  gradient: Float32Array,
  point: Float32Array,
  lower: number,
  upper: number,
): number {
  if (lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY)
    return dot(direction, gradient);
  let slope = 0;
  for (let i = 0; i < point.length; i++) {
    const d = direction[i]!;
    if (d < 0 ? point[i]! > lower : point[i]! < upper) slope += d * gradient[i]!;
  }
  return slope;
}
