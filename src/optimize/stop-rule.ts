import type { OptimizeConfig } from './config.ts';
import type { Evaluation, Iteration, StopReason } from './evaluation.ts';
import { largest } from './vectors.ts';

/** Iterations over which the change of the total is taken. */
const WINDOW = 10;

/** Counts what an optimisation has done, and says when it is over. */
export class StopRule {
  readonly #config: OptimizeConfig;
  readonly #signal: AbortSignal | undefined;
  /** Iterations after which each scale ends. */
  readonly #ends: readonly number[];
  #scale = 0;
  #firstGradient = 0;
  /** Totals of this scale's last iterations. */
  #totals: number[] = [];
  #started: number | undefined;
  #iteration = 0;
  #evaluations = 0;
  #undone = 0;
  #stepLength = 0;

  constructor(config: OptimizeConfig, signal: AbortSignal | undefined) {
    this.#config = config;
    this.#signal = signal;
    const sum = config.scales.reduce((total, { share }) => total + share, 0);
    let until = 0;
    this.#ends = config.scales.map(({ share }) => {
      until += share;
      return Math.round((config.iterations * until) / sum);
    });
  }

  get counts() {
    return {
      iteration: this.#iteration,
      evaluations: this.#evaluations,
      seconds: this.#started === undefined ? 0 : (performance.now() - this.#started) / 1000,
      stepLength: this.#stepLength,
      undone: this.#undone,
    };
  }

  /** Starts to count seconds, the first time. */
  startClock(): void {
    this.#started ??= performance.now();
  }

  /** @param first the objective where this scale starts. */
  beginScale(index: number, first: Evaluation): StopReason | undefined {
    this.#scale = index;
    this.#totals = [first.value];
    this.#firstGradient = largest(first.gradient);
    this.#evaluations++;
    return this.#limits() ?? this.interrupted();
  }

  after({ evaluation, evaluations, stepLength, undone, stopped }: Iteration): StopReason | undefined {
    // An iteration that could not be made does not count, what it cost does.
    if (stopped === undefined) this.#iteration++;
    this.#evaluations += evaluations;
    this.#undone += undone;
    this.#stepLength = stepLength;
    this.#totals.push(evaluation.value);
    if (this.#totals.length > WINDOW + 1) this.#totals.shift();
    return stopped ?? this.#convergence(evaluation) ?? this.#limits();
  }

  interrupted(): StopReason | undefined {
    return this.#signal?.aborted ? 'aborted' : undefined;
  }

  #convergence({ value, gradient }: Evaluation): StopReason | undefined {
    const { tolerance, gradientTolerance } = this.#config;
    const before = this.#totals[0]!;
    const change = (before - value) / WINDOW;
    if (tolerance > 0 && this.#totals.length > WINDOW && change <= tolerance * Math.abs(value))
      return 'tolerance';
    if (gradientTolerance > 0 && largest(gradient) <= gradientTolerance * this.#firstGradient)
      return 'gradient';
    return undefined;
  }

  #limits(): StopReason | undefined {
    const { timeLimit, evaluationLimit } = this.#config;
    if (this.#iteration >= this.#ends[this.#scale]!) return 'iterations';
    if (evaluationLimit > 0 && this.#evaluations >= evaluationLimit) return 'evaluations';
    if (timeLimit > 0 && this.counts.seconds >= timeLimit) return 'time';
    return undefined;
  }
}
