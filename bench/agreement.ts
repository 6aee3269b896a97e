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

export function agreement(
  kind: Case['kind'],
  precision: 'f32' | 'bf16',
  output: Float32Array,
  reference: Float32Array,
): Agreement {
  if (kind === 'training') {
    const relative = output.map((value, i) => Math.abs(value - reference[i]!) / Math.abs(reference[i]!));
    const largest =
      output.length === reference.length
        ? largestDifference(relative, new Float32Array(relative.length))
        : Number.POSITIVE_INFINITY;
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
