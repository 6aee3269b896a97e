import type { TrainConfig } from './config.ts';

type CropSettings = Pick<TrainConfig, 'imageSize' | 'smallCrops' | 'steps'>;

/** Steps at the start of a run whose crops have half the side: round(smallCrops · steps). */
export function smallCropSteps({ smallCrops, steps }: CropSettings): number {
  return Math.round(smallCrops * steps);
}

/**
 * Side in px of the crops that a step takes: half of `imageSize`, rounded up, in the first `smallCrops` of all steps, then
 * all of it. A quarter of the pixels takes about a quarter of the time.
 *
 * @param step steps done before this one, from 0.
 */
export function cropSideAt(step: number, config: CropSettings): number {
  return step < smallCropSteps(config) ? Math.ceil(config.imageSize / 2) : config.imageSize;
}

/** The crops' sides from a step on, each with the step at which it begins (`step` itself for the first) and how many take it. */
export function cropsFrom(
  step: number,
  config: CropSettings,
): readonly { readonly side: number; readonly from: number; readonly steps: number }[] {
  const { steps } = config;
  const change = Math.min(smallCropSteps(config), steps);
  const starts = step < change && change < steps ? [step, change] : [step];
  return starts.map((from, i) => ({
    side: cropSideAt(from, config),
    from,
    steps: (starts[i + 1] ?? steps) - from,
  }));
}
