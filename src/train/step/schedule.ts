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
