import type { TrainConfig } from '../config.ts';

/** The style that a run started from, as the run's history names it. */
export interface Origin {
  readonly name: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  /** Steps and photos that it had been trained on. */
  readonly steps: number;
  readonly images: number;
  /** How it was trained, from its file: its own legs, the first of which may name an origin, too. */
  readonly legs?: readonly unknown[];
}

/** A part of a run under one configuration; resuming with other settings begins a new one. */
export interface Leg {
  /** Steps done and photos seen before it. */
  readonly step: number;
  readonly images: number;
  readonly config: TrainConfig;
  /** Of a run's first leg: the style whose weights it took; drawn weights without. */
  readonly from?: Origin;
}

/** What of a saved run decides the legs that follow. */
interface EarlierLegs {
  readonly legs: readonly Leg[];
  readonly config: TrainConfig;
  readonly step: number;
  readonly images: number;
}

/** The legs of a run that starts, with drawn weights or those of `from`, or resumes from `resume`, with `config`. */
export function legsOf(resume: EarlierLegs | undefined, config: TrainConfig, from?: Origin): readonly Leg[] {
  if (resume === undefined) return [{ step: 0, images: 0, config, ...(from === undefined ? {} : { from }) }];
  const same = JSON.stringify(resume.config) === JSON.stringify(config);
  return same ? resume.legs : [...resume.legs, { step: resume.step, images: resume.images, config }];
}
