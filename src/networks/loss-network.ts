import { frozenConvolution } from '../engine/ops/convolution.ts';
import * as tf from '../engine/tensorflow.ts';
import type { FeatureMaps } from '../losses/term.ts';
import { expected, WeightsError } from '../system/errors.ts';
import type { InputConvention, LossNetworkKind, LossNetworkWeights } from './loss-network-weights.ts';
import { type ConvolutionTensors, type Pooling, runSteps } from './run-steps.ts';
import { type Step, vggSteps } from './weights/loss-network-steps.ts';

export type { Pooling } from './run-steps.ts';

/**
 * The loss network φ, frozen: VGG19 or VGG16 of any width, or one whose file describes its own steps, as a function from pictures to feature maps at named layers.
 * Owns its weights' tensors.
 */
export class LossNetwork {
  readonly kind: LossNetworkKind;
  /** Every tensor it holds, to be declared as constants where its functions are compiled. */
  readonly tensors: readonly tf.Tensor[];
  readonly #steps: readonly Step[];
  readonly #kernels: ReadonlyMap<string, ConvolutionTensors>;
  readonly #input: InputConvention;
  readonly #padding: 'zero' | 'reflect';
  readonly #pooling: Pooling;

  constructor(weights: LossNetworkWeights, pooling: Pooling = 'max') {
    this.kind = weights.kind;
    this.#steps = weights.steps ?? vggSteps(weights.kind);
    this.#input = weights.input;
    this.#padding = weights.padding;
    this.#pooling = pooling;
    this.#kernels = new Map(
      [...weights.layers].map(([name, { kernel, kernelShape, bias }]) => {
        return [name, { kernel: tf.tensor4d(kernel, [...kernelShape]), bias: tf.tensor1d(bias) }] as const;
      }),
    );
    this.tensors = [...this.#kernels.values()].flatMap(({ kernel, bias }) => [kernel, bias]);
  }

  /**
   * Feature maps at the named layers; no layer beyond the deepest named one is computed.
   *
   * @param images [N, H, W, 3], RGB pixels in [0, 255].
   * @param layers canonical names (`canonicalLayer`).
   * @returns one [N, h, w, C] per layer. Caller disposes.
   * @throws {WeightsError} the file of weights ends before a named layer, or the network is one without it. {ConfigError} the
   *   image is too small for it.
   */
  featureMaps(images: tf.Tensor4D, layers: readonly string[]): FeatureMaps {
    const lacking = layers.find((layer) => !this.#steps.some(({ name }) => name === layer));
    if (lacking !== undefined)
      throw new WeightsError(
        expected('a layer of the loss network', lacking, `it has ${layerNames(this.#steps).join(', ')}`),
      );
    return tf.tidy(() =>
      runSteps(this.#steps, layers, toConvention(images, this.#input), {
        kernels: this.#kernels,
        padding: this.#padding,
        pooling: this.#pooling,
        convolve: frozenConvolution,
      }),
    );
  }

  dispose(): void {
    tf.dispose([...this.tensors]);
  }
}

/** Pixels to the range and channel order that weights were trained with. Caller disposes. */
export function toConvention(images: tf.Tensor4D, input: InputConvention): tf.Tensor4D {
  const { channels, scale, mean, std } = input;
  return tf.tidy(() => {
    const ordered = channels === 'BGR' ? reverseChannels(images) : images;
    return tf.div(tf.sub(tf.mul(ordered, scale), tf.tensor1d([...mean])), tf.tensor1d([...std]));
  });
}

function reverseChannels(images: tf.Tensor4D): tf.Tensor4D {
  // Not `.reverse()`: the array belongs to tfjs's gradient tape, and reversing it in place swaps the gradients.
  return tf.concat(tf.split(images, 3, 3).toReversed() as tf.Tensor4D[], 3);
}

/** The published names among the steps' names. */
function layerNames(steps: readonly Step[]): readonly string[] {
  return steps.map(({ name }) => name).filter((name) => /^(conv|relu)\d_\d$|^pool\d$/.test(name));
}
