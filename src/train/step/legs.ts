import type { TrainConfig } from '../config.ts';
import type { RunState } from '../run/run-state.ts';
import type { Origin } from '../warm-start.ts';

/** A part of a run under one configuration; resuming with other settings begins a new one. */
export interface Leg {
  /** Steps done and photos seen before it. */
  readonly step: number;
  readonly images: number;
  readonly config: TrainConfig;
  /** Of a run's first leg: the style whose weights it took; drawn weights without. */
  readonly from?: Origin;
}

/** The legs of a run that starts, with drawn weights or those of `from`, or goes on from `resume`, with `config`. */
export function legsOf(resume: RunState | undefined, config: TrainConfig, from?: Origin): readonly Leg[] {
  if (resume === undefined) return [{ step: 0, images: 0, config, ...(from === undefined ? {} : { from }) }];
  const same = JSON.stringify(resume.config) === JSON.stringify(config);
  return same ? resume.legs : [...resume.legs, { step: resume.step, images: resume.images, config }];
}
