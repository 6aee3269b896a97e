import type { TrainConfig } from './config.ts';
import type { RunState } from './run-state.ts';

/** A part of a run under one configuration; resuming with other settings begins a new one. */
export interface Leg {
  /** Steps done and photos seen before it. */
  readonly step: number;
  readonly images: number;
  readonly config: TrainConfig;
}

/** The legs of a run that starts, or goes on from `resume`, with `config`. */
export function legsOf(resume: RunState | undefined, config: TrainConfig): readonly Leg[] {
  if (resume === undefined) return [{ step: 0, images: 0, config }];
  const same = JSON.stringify(resume.config) === JSON.stringify(config);
  return same ? resume.legs : [...resume.legs, { step: resume.step, images: resume.images, config }];
}
