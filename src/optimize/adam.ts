import type { Bounds, Evaluate, Evaluation, Iteration, Minimizer } from './evaluation.ts';
import { gradientRatio } from './gradient-ratio.ts';
import type { AdamConfig } from './minimizer-settings.ts';
import { clamp, distance, norm } from './vectors.ts';

export interface AdamOptions extends Omit<AdamConfig, 'kind'> {
  readonly bounds?: Bounds;
  /** A step to more than this many times the last value is undone and shortened. Defaults to infinity. */
  readonly spikeFactor?: number;
}

/** Kingma & Ba 2015, their defaults. */
const [BETA1, BETA2] = [0.9, 0.999];
/** Halvings of a step before it is given up. */
const MOST_HALVINGS = 12;
/** A shortened rate grows back by this factor with every good step. */
const RECOVERY = 1.1;

/** Learning rate of a step, counted from 0. */
export function decayedLearningRate(
  step: number,
  { learningRate, decay, decayRate, decaySteps }: Omit<AdamConfig, 'kind' | 'epsilon'>,
): number {
  if (decay === 'constant') return learningRate;
  const times = decay === 'staircase' ? Math.floor(step / decaySteps) : step / decaySteps;
  return learningRate * decayRate ** times;
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1) with a decaying rate. The rate is in units of the coordinates: grey levels.
 * A step that spikes or is not finite is undone and halved until it is not; the rate then grows back slowly.
 */
export class Adam<Terms = unknown> implements Minimizer<Terms> {
  #point: Float32Array;
  #evaluation: Evaluation<Terms>;
  readonly #evaluate: Evaluate<Terms>;
  readonly #options: AdamOptions;
  #first: Float32Array;
  #second: Float32Array;
  #steps = 0;
  /** Factor on the rate after steps that had to be undone. */
  #shortening = 1;

  /** Evaluates the start, which is copied (and brought into the bounds). */
  constructor(evaluate: Evaluate<Terms>, start: Float32Array, options: AdamOptions) {
    this.#evaluate = evaluate;
    this.#options = options;
    this.#point = Float32Array.from(start);
    if (options.bounds !== undefined) clamp(this.#point, options.bounds.lower, options.bounds.upper);
    this.#first = new Float32Array(start.length);
    this.#second = new Float32Array(start.length);
    this.#evaluation = evaluate(this.#point);
  }

  get point(): Float32Array {
    return this.#point;
  }

  get evaluation(): Evaluation<Terms> {
    return this.#evaluation;
  }

  step(): Iteration<Terms> {
    const { value, gradient } = this.#evaluation;
    const { spikeFactor = Number.POSITIVE_INFINITY } = this.#options;
    const stay = { evaluation: this.#evaluation, stepLength: 0 };
    if (!Number.isFinite(value) || !Number.isFinite(norm(gradient)))
      return { ...stay, evaluations: 0, undone: 0, stopped: 'not-finite' };
    const direction = this.#direction(gradient);
    if (norm(direction) === 0) return { ...stay, evaluations: 0, undone: 0, stopped: 'gradient' };

    for (let undone = 0; undone <= MOST_HALVINGS; undone++) {
      const point = this.#moved(direction);
      const evaluation = this.#evaluate(point);
      const spiked = value > 0 && evaluation.value > value * spikeFactor;
      if (!spiked && Number.isFinite(evaluation.value) && Number.isFinite(norm(evaluation.gradient))) {
        this.#shortening = Math.min(1, this.#shortening * RECOVERY);
        const stepLength = distance(point, this.#point);
        this.#point = point;
        this.#evaluation = evaluation;
        return { evaluation, evaluations: undone + 1, stepLength, undone };
      }
      this.#shortening /= 2;
    }
    return { ...stay, evaluations: MOST_HALVINGS + 1, undone: MOST_HALVINGS + 1, stopped: 'not-finite' };
  }

  rescaled(
    evaluate: Evaluate<Terms>,
    start: Float32Array,
    resize: (vector: Float32Array) => Float32Array,
  ): Adam<Terms> {
    const other = new Adam(evaluate, start, this.#options);
    const ratio = gradientRatio(this.#evaluation, other.#evaluation, resize);
    other.#steps = this.#steps;
    other.#shortening = this.#shortening;
    other.#first = resize(this.#first).map((m) => m * ratio);
    other.#second = resize(this.#second).map((v) => Math.max(0, v) * ratio ** 2);
    return other;
  }

  /** The step per unit of shortening; moves the moments on. */
  #direction(gradient: Float32Array): Float32Array {
    const [m, v, { epsilon }] = [this.#first, this.#second, this.#options];
    const rate = decayedLearningRate(this.#steps, this.#options);
    this.#steps++;
    // Both corrections for the moments' start at 0 in one factor each.
    const [correct1, correct2] = [1 / (1 - BETA1 ** this.#steps), 1 / (1 - BETA2 ** this.#steps)];
    const direction = new Float32Array(gradient.length);
    for (let i = 0; i < gradient.length; i++) {
      const g = gradient[i]!;
      m[i] = BETA1 * m[i]! + (1 - BETA1) * g;
      v[i] = BETA2 * v[i]! + (1 - BETA2) * g * g;
      direction[i] = (-rate * correct1 * m[i]!) / (Math.sqrt(v[i]! * correct2) + epsilon);
    }
    return direction;
  }

  #moved(direction: Float32Array): Float32Array {
    const point = new Float32Array(this.#point.length);
    for (let i = 0; i < point.length; i++) point[i] = this.#point[i]! + this.#shortening * direction[i]!;
    const { bounds } = this.#options;
    if (bounds !== undefined) clamp(point, bounds.lower, bounds.upper);
    return point;
  }
}
