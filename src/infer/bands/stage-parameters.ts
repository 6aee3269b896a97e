import { EPSILON } from '../../engine/ops/constants.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { ImageStatistics } from './image-statistics.ts';
import type { NormalizationTensors, StageConvolution } from './stage-function.ts';
import type { NetworkStage } from './stages.ts';

/**
 * The trained tensors of one stage. Each of the kernel's output channels is multiplied by the power of two that brings its
 * norm near 1, so that results suit half precision whatever the weights; the normalisation after it takes that out again.
 */
export class StageParameters {
  readonly convolution: StageConvolution;
  readonly #normalization: Pick<NormalizationTensors, 'scale' | 'offset'> | undefined;
  readonly #factors: Float32Array;

  constructor({ name, kind, to }: NetworkStage, parameters: ReadonlyMap<string, NamedArray>) {
    const array = (what: string) => {
      const found = parameters.get(`${name}.${what}`);
      if (found === undefined) throw new Error(`The transform net has no parameter ${name}.${what}.`);
      return found;
    };
    const tensor = <Rank extends tf.Rank>({ values, shape }: NamedArray) =>
      tf.tensor(values, [...shape]) as tf.Tensor as tf.Tensor<Rank>;
    const kernel = array('kernel');
    if (kind === 'colours') {
      this.#factors = new Float32Array(to).fill(1);
      this.convolution = { kernel: tensor(kernel), bias: tensor(array('bias')) };
    } else {
      this.#factors = factorsOf(kernel.values, to);
      const values = kernel.values.map((value, i) => value * this.#factors[i % to]!);
      this.convolution = { kernel: tensor({ ...kernel, values }) };
      this.#normalization = { scale: tensor(array('scale')), offset: tensor(array('offset')) };
    }
  }

  /** What normalises the stage's result. Mean and variance are the caller's to dispose of. */
  normalization(statistics: ImageStatistics): NormalizationTensors {
    const own = this.#normalization;
    if (own === undefined) throw new Error('The colours are not normalised.');
    // Of a result f times as large the variance is f² times as large, and ε has to be as well.
    const variance = statistics.variance.map((value, c) => value + EPSILON * (this.#factors[c]! ** 2 - 1));
    return { ...own, mean: tf.tensor1d(statistics.mean), variance: tf.tensor1d(variance) };
  }

  dispose(): void {
    tf.dispose([this.convolution, this.#normalization]);
  }
}

function factorsOf(kernel: Float32Array, channels: number): Float32Array {
  const squares = new Float64Array(channels);
  kernel.forEach((value, i) => {
    squares[i % channels]! += value * value;
  });
  return Float32Array.from(squares, (sum) => (sum > 0 ? 2 ** -Math.round(Math.log2(sum) / 2) : 1));
}
