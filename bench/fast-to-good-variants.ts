/** The trainings that bench/fast-to-good.ts compares at equal time. */
import { fileURLToPath } from 'node:url';
import { FULL_WIDTH } from '../src/networks/architecture.ts';
import { DEFAULT_TRAIN_CONFIG, type TrainConfig } from '../src/train/config.ts';

export interface Variant {
  readonly name: string;
  /** What differs from the experiment's configuration. */
  readonly config: Partial<TrainConfig>;
  /** File of the style whose weights it starts from. */
  readonly from?: string;
}

export const QUARTER_WIDTH = 'c9s1-8,d16,d32,R32x5,u16,u8,c9s1-3';
const GREAT_WAVE = fileURLToPath(new URL('../checkpoints/great-wave.safetensors', import.meta.url));

/**
 * What suits a training of minutes: hundreds of steps, of which the warm-up may not take most, and an average of weights
 * that reaches back over a hundred photos, whatever the batch.
 */
export const SHORT: Partial<TrainConfig> = { warmup: 20, batch: 1, averaging: 0.99 };

export const VARIANTS: readonly Variant[] = [
  { name: 'batch 1', config: {} },
  { name: 'batch 4', config: { batch: 4, averaging: 0.97 } },
  { name: 'batch 1, rate 2e-3', config: { learningRate: 2e-3 } },
  { name: 'batch 2, rate 2e-3', config: { batch: 2, averaging: 0.98, learningRate: 2e-3 } },
  { name: 'batch 4, rate 2e-3', config: { batch: 4, averaging: 0.97, learningRate: 2e-3 } },
  { name: 'half the steps on small crops', config: { smallCrops: 0.5 } },
  { name: '3/4 of the steps on small crops', config: { smallCrops: 0.75 } },
  { name: 'from great-wave', config: { warmup: 0 }, from: GREAT_WAVE },
  { name: 'from great-wave, warm-up', config: {}, from: GREAT_WAVE },
  { name: 'from great-wave, rate 5e-4', config: { learningRate: 5e-4 }, from: GREAT_WAVE },
  { name: 'from great-wave, rate 2e-3', config: { learningRate: 2e-3 }, from: GREAT_WAVE },
  { name: 'quarter width', config: { architecture: QUARTER_WIDTH } },
  { name: 'full width', config: { architecture: FULL_WIDTH } },
];

/** What a variant's steps cost depends on: variants that are alike in it share one measurement. */
export function costOf({ config }: Pick<Variant, 'config'>): string {
  const { architecture, batch, imageSize, smallCrops } = { ...DEFAULT_TRAIN_CONFIG, ...config };
  return JSON.stringify([architecture, batch, imageSize, smallCrops > 0]);
}
