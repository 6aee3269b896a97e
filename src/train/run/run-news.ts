import type { TrainingTerms } from '../settings.ts';
import type { LossValues } from '../step/loss-values.ts';

/** What is known at any step of a run. */
export interface StepFigures extends LossValues {
  /** Steps done. Losses are means over the last 50. */
  readonly step: number;
  readonly learningRate: number;
}

/** A line of the run's log with losses: one for every 50 steps, for those with previews, and for the last. */
export interface LossLine extends StepFigures {
  /** On the photos of the previews, which are not trained on; where previews are due. */
  readonly heldOut?: TrainingTerms;
  /** Photos per second since the previous line, with all other work. */
  readonly imagesPerSecond: number;
  /** Bytes of the process in memory (resident set size). */
  readonly memory: number;
  /** ISO 8601, as of all lines. */
  readonly time: string;
}

/** A line of the run's log that says what happened. */
export type EventLine = { readonly step: number; readonly time: string } & (
  | { readonly event: 'resumed' }
  | {
      readonly event: 'rolled back';
      readonly to: number;
      readonly reason: string;
      readonly learningRateFactor: number;
    }
  | { readonly event: 'gave up'; readonly reason: string }
  | { readonly event: 'memory'; readonly text: string }
  /** Removed from the log when the run is resumed. */
  | { readonly event: 'ended'; readonly as: 'done' | 'stopped' | 'failed'; readonly text?: string }
);

/** What a run reports: its log line by line, every step, and what it writes. */
export type RunNews =
  | EventLine
  | ({ readonly event: 'losses' } & LossLine)
  | ({ readonly event: 'step' } & StepFigures)
  | { readonly event: 'preview' | 'saved'; readonly step: number };

/** Gets everything in order; the run waits for it. What it throws ends the run. */
export type RunWatcher = (news: RunNews) => Promise<void> | void;
