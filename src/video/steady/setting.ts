/** How steady a film is painted. */
export const STEADY_CHOICES = ['off', 'light', 'strong'] as const;
export type SteadyChoice = (typeof STEADY_CHOICES)[number];

/** What decides it is measured: docs/steadiness-in-video.md. */
export const DEFAULT_STEADY: SteadyChoice = 'strong';

export interface SteadySetting {
  /** Share of a frame's own statistics in those that its normalisations use (`SmoothedNetwork`). */
  readonly rate: number;
  /** Share of the picture before where it is trusted wholly. */
  readonly share: number;
}

export const STEADY_SETTINGS: Readonly<Record<Exclude<SteadyChoice, 'off'>, SteadySetting>> = {
  light: { rate: 0.5, share: 0.5 },
  strong: { rate: 0.5, share: 0.9 },
};
