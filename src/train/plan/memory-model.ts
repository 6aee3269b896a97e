import { type Layer, parseArchitecture } from '../../networks/architecture.ts';
import { canonicalLayer } from '../../networks/layer-names.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { transformNetParameters } from '../../networks/transform-net-parameters.ts';
import { PIXELS, type Step, stepsTo, vggSteps } from '../../networks/weights/loss-network-steps.ts';
import type { TrainConfig } from '../config.ts';

/** What memory is made of, in bytes but for the batch. */
export interface MemoryFeatures {
  /** Activations of the transform net and of the loss network for one photo. */
  readonly transform: number;
  readonly loss: number;
  /** Activations of the loss network for the painting. */
  readonly style: number;
  /** The loss network's weights, as far as its losses need them, and the training state. */
  readonly weights: number;
  readonly state: number;
  readonly batch: number;
  /** Paintings in a step: as many as photos, or twice as many for stability. */
  readonly paintings: number;
}

/**
 * What each is multiplied with; `…Batch` are factors on a feature times the batch. Fitted by bench/training-memory.ts to
 * 38 runs in f32 (docs/decisions/training.md): peaks of 0.59 to 2.2 GB, none more than 14 % from it.
 */
const MEMORY = {
  /** Node and TensorFlow (504 MB), and what a whole run needs besides the trainer: sharp, photos ahead, the sample's network. */
  base: 596e6,
  transform: 1.94,
  loss: 0.02,
  /** Measuring the painting leaves memory that TensorFlow keeps for itself. */
  style: 0.45,
  /** Of those in the graph: TensorFlow reads it from a file and optimises it, with copies. */
  weights: 21.9,
  state: 2.23,
  /** The compiled graph grows with the number of paintings, with constants for each photo. */
  painting: 6.86e6,
  transformBatch: 2.29,
  lossBatch: 1.51,
  weightsBatch: 4.44,
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
  const lossLayers = [...styleLayers, ...Object.keys(config.contentLayers)];
  const shorter = config.styleSize * Math.min(paintingShape, 1 / paintingShape);
  // For stability each photo is painted twice, and both paintings wait for the gradient.
  const paintings = config.stabilityWeight > 0 ? 2 : 1;
  return {
    transform: paintings * transformActivations(layers, config.imageSize),
    loss: lossActivations(lossNetwork, lossLayers, config.imageSize),
    style: lossActivations(lossNetwork, styleLayers, config.styleSize, shorter),
    weights: lossWeights(lossNetwork, lossLayers),
    state: stateBytes(layers),
    batch: config.batch,
    paintings: paintings * config.batch,
  };
}

const BYTES = 4;

/**
 * Bytes of the outputs of the transform net's convolutions for one photo, in f32: what a step keeps for the gradient is a
 * multiple of it.
 */
export function transformActivations(layers: readonly Layer[], width: number, height = width): number {
  let pixels = width * height;
  let values = 0;
  for (const { kind, channels } of layers) {
    if (kind === 'down') pixels /= 4;
    if (kind === 'up') pixels *= 4;
    values += pixels * channels * (kind === 'residual' ? 2 : 1);
  }
  return values * BYTES;
}

/** The same of the loss network, as far as the named layers need it. */
export function lossActivations(
  weights: Pick<LossNetworkWeights, 'kind' | 'layers' | 'steps'>,
  names: readonly string[],
  width: number,
  height = width,
): number {
  const sides = new Map([[PIXELS, 1]]);
  let values = 0;
  for (const { name, operation, from } of neededSteps(weights, names)) {
    const side = sides.get(from)! / (operation === 'pool' ? 2 : 1);
    sides.set(name, side);
    // A ReLU counts with its convolution, and what the file does not hold is refused later.
    if (operation === 'conv') values += (weights.layers.get(name)?.bias.length ?? 0) * side ** 2;
  }
  return BYTES * width * height * values;
}

/** Bytes of the loss network's weights in f32, as far as the named layers need them: others stay out of the graph. */
export function lossWeights(
  weights: Pick<LossNetworkWeights, 'kind' | 'layers' | 'steps'>,
  names: readonly string[],
): number {
  const needed = neededSteps(weights, names).flatMap(({ name }) => weights.layers.get(name) ?? []);
  return needed.reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0) * BYTES;
}

function neededSteps(
  weights: Pick<LossNetworkWeights, 'kind' | 'steps'>,
  names: readonly string[],
): readonly Step[] {
  const steps = weights.steps ?? vggSteps(weights.kind);
  return stepsTo(
    steps,
    names.map((layer) => canonicalLayer(weights.kind, layer)),
  );
}

/** Numbers in the transform net. */
export function parameterCount(layers: readonly Layer[]): number {
  return transformNetParameters(layers).reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
}

/** Bytes of a training state: weights, their average and Adam's two moments. */
export function stateBytes(layers: readonly Layer[]): number {
  return 4 * BYTES * parameterCount(layers);
}
