import { biasAdd } from '../engine/ops/bias-add.ts';
import { reflectPad } from '../engine/ops/pad-border.ts';
import { relu } from '../engine/ops/relu.ts';
import * as tf from '../engine/tensorflow.ts';
import type { FeatureMaps } from '../losses/term.ts';
import { ConfigError, expected, WeightsError } from '../system/errors.ts';
import { PIXELS, type Step, stepsTo } from './weights/loss-network-steps.ts';

/** Gatys et al. use average pooling ('slightly more appealing results', 2016, §2); Johnson et al. and VGG itself maximum. */
export type Pooling = 'max' | 'average';

/** A convolution's kernel [K, K, C, D], K odd, and bias [D]. */
export interface ConvolutionTensors {
  readonly kernel: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
}

export interface StepOptions {
  /** By the names of the convolutions. */
  readonly kernels: ReadonlyMap<string, ConvolutionTensors>;
  /** What lies beyond the border of what is convolved. */
  readonly padding: 'zero' | 'reflect';
  readonly pooling: Pooling;
  /** Convolves with zeros beyond the border: `frozenConvolution` where kernels want no gradient. */
  readonly convolve: (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D;
}

/**
 * Runs a loss network's steps as far as the named ones need them. What is passed through is disposed of as soon as no later step needs it: of
 * a large picture it is gigabytes. (tfjs keeps by itself what a gradient needs.)
 *
 * @param pixels [N, H, W, 3] in the convention of the weights.
 * @returns one [N, h, w, C] per name. Caller disposes.
 * @throws {WeightsError} a convolution has no weights. {ConfigError} the picture is too small.
 */
export function runSteps(
  steps: readonly Step[],
  names: readonly string[],
  pixels: tf.Tensor4D,
  options: StepOptions,
): FeatureMaps {
  const needed = stepsTo(steps, names);
  const last = new Map(needed.map(({ from }, i) => [from, i]));
  const made = new Map([[PIXELS, pixels]]);
  for (const [i, step] of needed.entries()) {
    const from = made.get(step.from)!;
    made.set(step.name, run(step, from, options));
    if (last.get(step.from) === i && step.from !== PIXELS && !names.includes(step.from)) from.dispose();
  }
  return Object.fromEntries(names.map((name) => [name, made.get(name)!]));
}

function run({ name, operation }: Step, x: tf.Tensor4D, options: StepOptions): tf.Tensor4D {
  if (operation === 'relu') return relu(x);
  if (operation === 'pool') {
    requireTwoPixels(x, name);
    return pool(x, options.pooling);
  }
  const weights = options.kernels.get(name);
  if (weights === undefined)
    throw new WeightsError(
      expected(`weights of the loss network up to ${name}`, 'a file that ends before it'),
    );
  const sums = convolved(x, weights.kernel, name, options);
  const result = biasAdd(sums, weights.bias);
  sums.dispose();
  return result;
}

/** Over squares of 2×2. Caller disposes. */
export function pool(x: tf.Tensor4D, pooling: Pooling): tf.Tensor4D {
  return pooling === 'max' ? tf.maxPool(x, 2, 2, 'valid') : tf.avgPool(x, 2, 2, 'valid');
}

function convolved(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  name: string,
  { padding, convolve }: StepOptions,
): tf.Tensor4D {
  const reach = (kernel.shape[0] - 1) / 2;
  if (padding === 'zero' || reach === 0) return convolve(x, kernel);
  requireTwoPixels(x, name);
  return tf.conv2d(reflectPad(x, reach), kernel, 1, 'valid');
}

/** A pooling needs two pixels, and so does reflection. */
function requireTwoPixels(x: tf.Tensor4D, name: string): void {
  const [, height, width] = x.shape;
  if (height < 2 || width < 2)
    throw new ConfigError(
      expected(`pictures large enough for ${name}`, `one that is ${width}×${height} there`),
    );
}
