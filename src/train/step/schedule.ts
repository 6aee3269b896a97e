import type { TrainConfig } from '../config.ts';

/** What the cosine ends at, as a share of the first learning rate. */
const COSINE_FLOOR = 0.01;

/**
 * Learning rate of a step: a linear rise over the warm-up, then the chosen decay.
 *
 * @param step steps done before this one, from 0.
 */
export function learningRateAt(
  step: number,
  config: Pick<TrainConfig, 'learningRate' | 'decay' | 'warmup' | 'steps'>,
): number {
  const { learningRate, decay, warmup, steps } = config;
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  const progress = Math.min(1, step / steps);
  if (decay === 'cosine')
    return learningRate * (COSINE_FLOOR + (1 - COSINE_FLOOR) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  if (decay === 'step') return progress < 0.7 ? learningRate : learningRate / 5;
  return learningRate;
}

/**
 * Share of the newest weights in the running average. It starts near 1, so that the first, random weights are soon
 * forgotten: 1 − min(decay, (1 + step) / (10 + step)).
 */
export function averagingShareAt(step: number, decay: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}

/** What a run changes on its way. Steps of one phase are of one compiled graph, and their losses can be compared. */
export interface Phase extends Pick<TrainConfig, 'imageSize' | 'stabilityWeight'> {}

export type PhaseSettings = Phase & Pick<TrainConfig, 'smallCrops' | 'stabilityFrom' | 'steps'>;

/**
 * The phase that a step belongs to. Crops have half the side, rounded up, in the first `smallCrops` of all steps, then all
 * of it: a quarter of the pixels takes about a quarter of the time. Stability is not weighed in the first `stabilityFrom` of
 * all steps: what is learnt before it is then kept for less style loss.
 *
 * @param step steps done before this one, from 0; after the last step the phase is that of the last.
 */
export function phaseAt(step: number, config: PhaseSettings): Phase {
  const { imageSize, stabilityWeight, smallCrops, stabilityFrom, steps } = config;
  const at = Math.min(step, steps - 1);
  return {
    imageSize: at < Math.round(smallCrops * steps) ? Math.ceil(imageSize / 2) : imageSize,
    stabilityWeight: at < Math.round(stabilityFrom * steps) ? 0 : stabilityWeight,
  };
}

export function isSamePhase(a: Phase, b: Phase): boolean {
  return a.imageSize === b.imageSize && a.stabilityWeight === b.stabilityWeight;
}

/** Whether a step is the first of its phase. @param step as of `phaseAt`. */
export function beginsPhase(step: number, config: PhaseSettings): boolean {
  return step === 0 || !isSamePhase(phaseAt(step - 1, config), phaseAt(step, config));
}

/** The phases from a step on, each with the step at which it begins (`step` itself for the first) and how many it has. */
export function phasesFrom(
  step: number,
  config: PhaseSettings,
): readonly (Phase & { readonly from: number; readonly steps: number })[] {
  const { smallCrops, stabilityFrom, steps } = config;
  const changes = [smallCrops, stabilityFrom].map((share) => Math.round(share * steps));
  const later = changes.filter((at) => at > step && at < steps && beginsPhase(at, config));
  const starts = [...new Set([step, ...later])].sort((a, b) => a - b);
  return starts.map((from, i) => ({
    ...phaseAt(from, config),
    from,
    steps: (starts[i + 1] ?? steps) - from,
  }));
}
