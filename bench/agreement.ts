/** Whether an engine computes the same as ours op by op; a time counts only then. */
import type { Case } from './cases.ts';
import { largestDifference, psnr } from './statistics.ts';

/** Pixels lie in [0, 255]. */
const RANGE = 255;
const LARGEST_F32 = 0.01 * RANGE;
/** A root mean square of 1.3 grey levels. */
const LEAST_PSNR = 46;
/** Largest relative difference of the first step's loss terms. */
const LOSSES_F32 = 0.01;
const LOSSES_BF16 = 0.05;

export interface Agreement {
  readonly agrees: boolean;
  /** In words, for the report. */
  readonly shown: string;
}

const DISAGREES = 'does not agree';

/** How an engine's output compares, as reports have it. */
export function inWords({ agrees, shown }: Agreement): string {
  return agrees ? shown : `${DISAGREES}: ${shown}`;
}

/** Whether a section of the report tells of an engine that disagrees or fails; one that is skipped does neither. */
export function isBroken(section: string): boolean {
  return section.includes(DISAGREES) || section.includes('failed: ');
}

/** 0 where both are 0; infinite where the reference alone is, or where one is no number. */
function relativeDifference(value: number, reference: number): number {
  const difference = Math.abs(value - reference);
  if (difference === 0) return 0;
  const relative = difference / Math.abs(reference);
  return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
}

export function agreement(
  kind: Case['kind'],
  precision: 'f32' | 'bf16',
  output: Float32Array,
  reference: Float32Array,
): Agreement {
  if (kind === 'training') {
    if (output.length !== reference.length)
      return { agrees: false, shown: `${output.length} losses instead of ${reference.length}` };
    const largest = Math.max(...Array.from(output, (value, i) => relativeDifference(value, reference[i]!)));
    return {
      agrees: largest <= (precision === 'f32' ? LOSSES_F32 : LOSSES_BF16),
      shown: `losses within ${(100 * largest).toPrecision(2)} %`,
    };
  }
  if (precision === 'f32') {
    const largest = largestDifference(output, reference);
    return { agrees: largest <= LARGEST_F32, shown: `within ${largest.toPrecision(2)} of 255` };
  }
  const decibels = psnr(output, reference, RANGE);
  return { agrees: decibels >= LEAST_PSNR, shown: `PSNR ${decibels.toFixed(1)} dB` };
}
