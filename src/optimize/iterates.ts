import type { Evaluate, Evaluation, LossTerms, Minimizer } from './evaluation.ts';

interface Iterate {
  readonly point: Float32Array;
  readonly evaluation: Evaluation<LossTerms>;
}

/**
 * The iterates of a minimiser: the lowest, which is never lost, and, if set, their running average
 * (Polyak & Juditsky 1992; exponential, with the plain mean of the first ones).
 */
export class Iterates {
  readonly #minimizer: Minimizer<LossTerms>;
  readonly #decay: number;
  #best: Iterate;
  #average: Float32Array | undefined;
  #count = 1;

  constructor(minimizer: Minimizer<LossTerms>, decay: number) {
    this.#minimizer = minimizer;
    this.#decay = decay;
    this.#best = iterateOf(minimizer);
    if (decay > 0) this.#average = Float32Array.from(minimizer.point);
  }

  get best(): Iterate {
    return this.#best;
  }

  /** What a picture of the state shows: the average, or the newest iterate. */
  get current(): Float32Array {
    return this.#average ?? this.#minimizer.point;
  }

  /** Records the minimiser's current point. */
  add(): void {
    if (this.#minimizer.evaluation.value < this.#best.evaluation.value)
      this.#best = iterateOf(this.#minimizer);
    this.#count++;
    const [average, point] = [this.#average, this.#minimizer.point];
    if (average === undefined) return;
    const share = Math.max(1 - this.#decay, 1 / this.#count);
    for (let i = 0; i < average.length; i++) average[i]! += share * (point[i]! - average[i]!);
  }

  /** The best iterate; the average, if set, even where its total is higher, with a note. */
  result(evaluate: Evaluate<LossTerms>): Iterate & { readonly notes: readonly string[] } {
    if (this.#average === undefined) return { ...this.#best, notes: [] };
    const evaluation = evaluate(this.#average);
    const [value, best] = [evaluation.value, this.#best.evaluation.value];
    if (!Number.isFinite(value))
      return {
        ...this.#best,
        notes: ['The average of the iterates is not finite: this is the best of them.'],
      };
    const note = `The average of the iterates has a total of ${value.toPrecision(4)}, the best of them ${best.toPrecision(4)}.`;
    return { point: this.#average, evaluation, notes: value > best ? [note] : [] };
  }
}

/** A minimiser's vectors are replaced, never written to, when it steps: no copy is needed. */
function iterateOf({ point, evaluation }: Minimizer<LossTerms>): Iterate {
  return { point, evaluation };
}
