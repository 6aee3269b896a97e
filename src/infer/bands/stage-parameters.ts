import { EPSILON } from '../../engine/ops/constants.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
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

/**
 * Mean and variance of each channel of an image that is seen band by band. The bands' statistics are merged in f64 by
 * Chan, Golub and LeVeque 1979, 'Updating formulae and a pairwise algorithm for computing sample variances', eq. 2.1:
 *
 *   μ = μ_a + (μ_b − μ_a) · n_b / n,  M = M_a + M_b + (μ_b − μ_a)² · n_a n_b / n
 *
 * where M is the sum of squared distances from the mean. Sums of squares would cancel where the mean is large.
 */
export class ImageStatistics {
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  #pixels = 0;

  constructor(channels: number) {
    this.#mean = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /** @param variance of the band, divided by its pixels less one. */
  add(pixels: number, mean: ArrayLike<number>, variance: ArrayLike<number>): void {
    const all = this.#pixels + pixels;
    for (let c = 0; c < this.#mean.length; c++) {
      const distance = mean[c]! - this.#mean[c]!;
      this.#mean[c]! += (distance * pixels) / all;
      this.#squares[c]! +=
        variance[c]! * (pixels - 1) + (distance * distance * (this.#pixels * pixels)) / all;
    }
    this.#pixels = all;
  }

  get mean(): Float32Array {
    return new Float32Array(this.#mean);
  }

  /** Divided by the number of pixels. */
  get variance(): Float32Array {
    return Float32Array.from(this.#squares, (squares) => squares / this.#pixels);
  }
}
