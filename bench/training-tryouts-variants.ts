/** The trainings that bench/training-tryouts.ts sets side by side: each differs from the first in one thing. */
import { fileURLToPath } from 'node:url';
import type { TrainConfig } from '../src/train/config.ts';

export interface Tryout {
  readonly name: string;
  readonly config: Partial<TrainConfig>;
  /** File of the style whose weights it starts from; drawn weights without. */
  readonly from?: string;
}

const GREAT_WAVE = fileURLToPath(new URL('../checkpoints/great-wave.safetensors', import.meta.url));
const warm = (name: string, config: Partial<TrainConfig> = {}): Tryout => ({
  name,
  config,
  from: GREAT_WAVE,
});

/** The middle of the road: the defaults for a training of minutes from a style that is there. */
export const COMMON: Partial<TrainConfig> = {
  imageSize: 128,
  batch: 1,
  warmup: 0,
  averaging: 0.99,
  styleSize: 512,
};

export const TRYOUTS: readonly Tryout[] = [
  warm('as it is'),
  warm('another seed', { seed: 2 }),
  warm('no average', { averaging: 0 }),
  warm('average 0.998', { averaging: 0.998 }),
  warm('average 0.9995', { averaging: 0.9995 }),
  warm('no decay', { decay: 'none' }),
  warm('decay step', { decay: 'step' }),
  warm('no decay, no average', { decay: 'none', averaging: 0 }),
  warm('clipped to 2', { clipNorm: 2 }),
  warm('clipped to 0.5', { clipNorm: 0.5 }),
  warm('tv 0', { tvWeight: 0 }),
  warm('tv 2e-4', { tvWeight: 2e-4 }),
  warm('style at 768 px', { styleSize: 768 }),
  warm('style at 1024 px', { styleSize: 1024 }),
  warm('small crops 0.6', { smallCrops: 0.6 }),
  { name: 'drawn weights', config: { warmup: 20 } },
];
