/** Something with which training must not continue. */
import { ownCommand } from '../../system/own-command.ts';
export interface Trouble {
  readonly kind: 'not finite' | 'spike' | 'sample';
  /** For people. */
  readonly text: string;
}

export interface FailureCircumstances {
  /** Roll-backs so far, and this failure. */
  readonly failures: number;
  readonly step: number;
  /** Every failure in a row came at the first step after the state it went back to. */
  readonly atOnce: boolean;
  /** The rate at the top of the schedule, as lowered so far. */
  readonly learningRate: number;
  /** Whether there is a state to resume. */
  readonly saved: boolean;
}

/** One line: what went wrong, likely causes in the order of their likelihood, and what to do about them. */
export function explainFailure(
  { kind, text }: Trouble,
  { failures, step, atOnce, learningRate, saved }: FailureCircumstances,
): string {
  const rate = Number((learningRate / 4).toPrecision(1));
  const lower = `the learning rate is too high (--learning-rate ${rate})`;
  const causes: readonly string[] =
    kind === 'sample'
      ? [
          'one loss outweighs the others (lower --style-weight, --content-weight or --tv-weight to the default)',
          lower,
          'the painting has no structure (look at it, or give another)',
        ]
      : atOnce
        ? [
            `the loss network's weights are damaged or not a VGG's (import them again: ${ownCommand('weights import')})`,
            `a weight of the losses is far too high (compare with the defaults in ${ownCommand('train --help')})`,
            'the numbers are too large for bf16 (--precision f32)',
          ]
        : [
            lower,
            'a weight of the losses is far above its default',
            'the numbers are too large for bf16 (--precision f32)',
          ];
  const next = saved
    ? 'the last good state is kept: continue from it with --resume and one of these changed'
    : 'nothing was saved yet: start again with one of these changed';
  return `Training failed for the ${ordinal(failures)} time, at step ${step}: ${text}. Likely causes: ${causes.join('; ')}. ${next[0]!.toUpperCase()}${next.slice(1)}.`;
}

function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}
