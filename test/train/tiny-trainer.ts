import { type BatchPosition, batches } from '../../src/data/batches.ts';
import { parseTrainConfig, type TrainConfig } from '../../src/train/config.ts';
import { NetworkTrainer, type NetworkTrainerOptions, type StepProgress } from '../../src/train/trainer.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** Settings of a training that takes moments: TensorFlow optimises each new graph, for as long as it is. */
export const config: TrainConfig = parseTrainConfig({
  architecture: 'c3s1-4,c3s1-3',
  lossNetwork: 'tiny.safetensors',
  contentLayers: { relu2_1: 1 },
  styleLayers: { relu1_1: 1, block2_conv1: 1 },
  imageSize: 32,
  batch: 2,
  steps: 6,
  learningRate: 5e-3,
  warmup: 2,
  decay: 'none',
  seed: 3,
});
/** The same of a network that scales down and up, and with a deeper loss network: for what depends on them. */
export const deeper: TrainConfig = {
  ...config,
  architecture: 'c3s1-4,d6,u4,c3s1-3',
  contentLayers: { relu3_1: 1 },
};
export const painting = drawnPicture(48, 40, 77);
export const lossNetwork = tinyLossNetwork();

/** The same two photos for ever, without a data set. */
export async function* onePhoto(): ReturnType<NetworkTrainerOptions['openBatches']> {
  const { pixels } = drawnPicture(32, 64, 5);
  for (let index = 2; ; index += 2) yield { pixels, size: 32, count: 2, position: { epoch: 0, index } };
}

/** A trainer on one photo, or as `options` say. */
export function trainer(options: Partial<NetworkTrainerOptions> = {}): Promise<NetworkTrainer> {
  return NetworkTrainer.create({
    config,
    painting,
    lossNetwork,
    dataset: 'one photo',
    openBatches: onePhoto,
    precision: 'f32',
    ...options,
  });
}

/** Its progress to the end, or for so many steps. */
export async function run(of: NetworkTrainer, steps = Number.POSITIVE_INFINITY): Promise<StepProgress[]> {
  const progress: StepProgress[] = [];
  for await (const step of of.steps()) {
    progress.push(step);
    if (progress.length === steps) break;
  }
  return progress;
}

/** Photos from a data set on disk, where positions matter. */
export const fromDataset = (dataset: string) => (position: BatchPosition | undefined) =>
  batches({ dataset, imageSize: 32, batch: 2, seed: 3, ...(position === undefined ? {} : { position }) });
