import { parseArchitecture } from '../../networks/architecture.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import type { TrainConfig } from '../config.ts';
import { lossActivations, lossWeights, stateBytes, transformActivations } from './step-work.ts';

/** What memory is made of, in bytes but for the batch. */
export interface MemoryFeatures {
  /** Activations of the transform net and of the loss network for one photo. */
  readonly transform: number;
  readonly loss: number;
  /** Activations of the loss network for the painting. */
  readonly style: number;
  /** The loss network's weights, and the training state. */
  readonly weights: number;
  readonly state: number;
  readonly batch: number;
  /** Paintings in a step: as many as photos, or twice as many for stability. */
  readonly paintings: number;
}

/**
 * What each is multiplied with; `…Batch` are factors on a feature times the batch. Fitted by bench/training-memory.ts to
 * 31 runs in f32 and 7 in bf16 (docs/decisions.md): peaks of 0.76 to 4.5 GB, none more than 9 % from it.
 */
const MEMORY = {
  /** Node and TensorFlow (508 MB), and what a whole run has beside the trainer: sharp, photos ahead, the sample's network. */
  base: 600e6,
  /** The first run, recorded op by op, keeps every activation for the gradient. */
  transform: 10.1,
  loss: 5.4,
  /** Measuring the painting keeps every activation, too; what is freed is not used again by the compiled step. */
  style: 3.25,
  weights: 13.1,
  state: 0.9,
  /** The compiled graph is as long as there are paintings, with constants of its own for each photo. */
  painting: 18.3e6,
  transformBatch: 0.64,
  lossBatch: 0.65,
  weightsBatch: 5.3,
} as const;

/** Peak of the process's resident memory in training on a CPU, in bytes, in either precision. */
export function peakMemory({
  transform,
  loss,
  style,
  weights,
  state,
  batch,
  paintings,
}: MemoryFeatures): number {
  return (
    MEMORY.base +
    transform * (MEMORY.transform + MEMORY.transformBatch * batch) +
    loss * (MEMORY.loss + MEMORY.lossBatch * batch) +
    weights * (MEMORY.weights + MEMORY.weightsBatch * batch) +
    MEMORY.style * style +
    MEMORY.state * state +
    MEMORY.painting * paintings
  );
}

/** @param paintingShape height over width of the painting, whose longer side is `styleSize`. */
export function memoryFeatures(
  config: TrainConfig,
  lossNetwork: Pick<LossNetworkWeights, 'kind' | 'layers' | 'steps'>,
  paintingShape = 1,
): MemoryFeatures {
  const layers = parseArchitecture(config.architecture);
  const styleLayers = Object.keys(config.styleLayers);
  const shorter = config.styleSize * Math.min(paintingShape, 1 / paintingShape);
  // For stability each photo is painted twice, and both paintings wait for the gradient.
  const paintings = config.stabilityWeight > 0 ? 2 : 1;
  return {
    transform: paintings * transformActivations(layers, config.imageSize),
    loss: lossActivations(
      lossNetwork,
      [...styleLayers, ...Object.keys(config.contentLayers)],
      config.imageSize,
    ),
    style: lossActivations(lossNetwork, styleLayers, config.styleSize, shorter),
    weights: lossWeights(lossNetwork),
    state: stateBytes(layers),
    batch: config.batch,
    paintings: paintings * config.batch,
  };
}
