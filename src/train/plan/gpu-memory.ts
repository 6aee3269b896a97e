import type { Precision } from '../../engine/compile/compile.ts';
import type { MemoryFeatures } from './memory-model.ts';

/** What the features of a step of a whole batch are multiplied with. */
interface Factors {
  readonly transform: number;
  readonly loss: number;
  readonly weights: number;
  readonly state: number;
}

/**
 * Fitted by bench/gpu-memory.ts to the peaks of 72 recorded steps. With stability the transform net waits twice, while what the loss network
 * has answered is partly gone. A batch of one in bf16 takes up to a third less: its normalisation is another op.
 */
const FACTORS: Readonly<Record<Precision, { readonly plain: Factors; readonly steady: Factors }>> = {
  f32: {
    plain: { transform: 2.84, loss: 1.94, weights: 1.06, state: 1.34 },
    steady: { transform: 2.86, loss: 1.23, weights: 1.25, state: 1.46 },
  },
  bf16: {
    plain: { transform: 2.3, loss: 1.01, weights: 1.08, state: 1.2 },
    steady: { transform: 2.44, loss: 0.54, weights: 1.88, state: 1.17 },
  },
};

/** Not of the graph: gaps in TensorFlow's pool, and what convolutions work in. On a CPU a step takes this much more (docs/decisions/training.md). */
const BESIDES_GRAPH = 1.3;
/** CUDA, cuDNN and the kernels of TensorFlow on the card: about a gigabyte. No card was at hand to measure it. */
const LIBRARIES = 1e9;
/** Measuring the painting, before the first step, holds this much of the activations at once (as on a CPU). */
const PAINTING = 1.43;

/** Bytes that a training step's graph of a whole batch holds at once. */
export function graphMemory(of: MemoryFeatures, precision: Precision): number {
  const { plain, steady } = FACTORS[precision];
  const { transform, loss, weights, state } = of.paintings > of.batch ? steady : plain;
  return of.batch * (transform * of.transform + loss * of.loss) + weights * of.weights + state * of.state;
}

/** Peak of a card's memory in training, in bytes. The painting is measured in f32. */
export function gpuMemory(of: MemoryFeatures, precision: Precision): number {
  return LIBRARIES + Math.max(BESIDES_GRAPH * graphMemory(of, precision), PAINTING * of.style);
}
