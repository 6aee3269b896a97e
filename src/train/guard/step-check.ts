import type { TrainingTerms } from '../settings.ts';
import { termNames } from '../step/loss-values.ts';

/** Figures of a step besides its losses. */
export interface StepHealth {
  /** Euclidean norm of the whole gradient of the step. */
  readonly gradientNorm: number;
  /** Euclidean norm of all weights after the step. */
  readonly weightNorm: number;
}

/** So many totals are wanted before one can be out of the ordinary. */
const ENOUGH = 20;
/** A spike is this many times the median … */
const SPIKE_FACTOR = 3;
/** … and this many deviations above it, */
const SPIKE_DEVIATIONS = 12;
/** and counts when this many steps in a row are one, since a single odd photo does no harm, */
const SPIKES_IN_A_ROW = 3;
/** or at once, when it is this many times the median. */
const HUGE_FACTOR = 100;
/** So many totals give the order of magnitude, against which a total counts that is huge or stays this many times the median. */
const A_FEW = 3;
const YOUNG_FACTOR = 10;
/** The standard deviation of normal numbers over their median absolute deviation. */
const DEVIATION_PER_MAD = 1.4826;

/**
 * What of a step is not finite, or undefined if nothing is. Losses are of the weights before the step: the norms are
 * what shows a step that destroys the weights. A gradient whose square overflows would leave Adam's second moment
 * infinite, and its weights would never move again.
 */
export function notFinite(
  losses: TrainingTerms,
  { gradientNorm, weightNorm }: StepHealth,
): string | undefined {
  const terms = termNames(losses).map((term) => [term, losses[term as keyof TrainingTerms]] as const);
  if (terms.some(([, value]) => !Number.isFinite(value)))
    return `the loss is not finite (${terms.map(([term, value]) => `${term} ${value}`).join(', ')})`;
  if (!Number.isFinite(gradientNorm)) return `the gradient is not finite (its norm is ${gradientNorm})`;
  if (!Number.isFinite(weightNorm)) return `the weights are not finite (their norm is ${weightNorm})`;
  return undefined;
}

/**
 * Whether the newest of some totals is far above the others: beyond 3 times their median and, robustly, beyond 12 of
 * their standard deviations, taken as 1.4826 · MAD (median absolute deviation; Hampel 1974).
 *
 * @param recent totals of earlier steps, any order.
 */
export function isSpike(total: number, recent: readonly number[]): boolean {
  if (recent.length < ENOUGH) return false;
  const middle = median(recent);
  const deviation = DEVIATION_PER_MAD * median(recent.map((value) => Math.abs(value - middle)));
  return total > SPIKE_FACTOR * middle && total > middle + SPIKE_DEVIATIONS * deviation;
}

/**
 * What is wrong with the last totals of a run, or undefined: a spike that lasts, or a huge one. In the first steps of
 * a phase, too few to know its deviations, a total that stays at 10 times the median, or reaches 100 times it.
 *
 * @param totals of one phase, oldest first; the last is the newest.
 */
export function spikeIn(totals: readonly number[]): string | undefined {
  if (totals.length <= ENOUGH) return youngSpike(totals);
  const count = spikesAtEnd(totals);
  if (count === 0) return undefined;
  const newest = totals.at(-1)!;
  const before = totals.slice(0, -count);
  if (count < SPIKES_IN_A_ROW && newest <= HUGE_FACTOR * median(before)) return undefined;
  return leapt(newest, before);
}

function youngSpike(totals: readonly number[]): string | undefined {
  const beyond = (before: readonly number[], last: readonly number[], factor: number) =>
    before.length >= A_FEW && last.every((total) => total > factor * median(before));
  const [before, last] = [totals.slice(0, -SPIKES_IN_A_ROW), totals.slice(-SPIKES_IN_A_ROW)];
  const newest = totals.at(-1)!;
  if (beyond(before, last, YOUNG_FACTOR)) return leapt(newest, before);
  const others = totals.slice(0, -1);
  return beyond(others, [newest], HUGE_FACTOR) ? leapt(newest, others) : undefined;
}

/**
 * What is wrong with one of the first steps of a phase, by the steps of the phase before, or undefined. Content and style
 * lost are compared: the total has a term more, and may rightly be a thousand times as large.
 *
 * @param count steps of the phase so far, this one included.
 * @param earlier content and style losses of the last steps of the phase before, summed.
 */
export function leapBetweenPhases(
  { content, style }: Pick<TrainingTerms, 'content' | 'style'>,
  count: number,
  earlier: readonly number[],
): string | undefined {
  const lost = content + style;
  if (count > A_FEW || earlier.length < A_FEW || lost <= HUGE_FACTOR * median(earlier)) return undefined;
  return leapt(lost, earlier);
}

const leapt = (newest: number, before: readonly number[]) =>
  `the loss leapt to ${newest.toPrecision(3)}, ${(newest / median(before)).toFixed(0)} times its median`;

/** How many of the last totals are spikes against those before them, up to the number that counts. */
export function spikesAtEnd(totals: readonly number[]): number {
  for (let count = SPIKES_IN_A_ROW; count > 0; count--) {
    const before = totals.slice(0, -count);
    const last = totals.slice(-count);
    if (last.length === count && last.every((total) => isSpike(total, before))) return count;
  }
  return 0;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
