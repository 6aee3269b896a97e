import { biasAdd } from '../engine/ops/bias-add.ts';
import { frozenConvolution } from '../engine/ops/frozen-convolution.ts';
import { reflectPad } from '../engine/ops/pad-border.ts';
import { relu } from '../engine/ops/relu.ts';
import * as tf from '../engine/tensorflow.ts';
import { ConfigError, expected, WeightsError } from '../errors.ts';
import type { FeatureMaps, LayerWeights } from '../losses/perceptual-loss.ts';
import type { InputConvention, LossNetworkKind, LossNetworkWeights } from './loss-network-weights.ts';
import { convolutionNames } from './weights/vgg-layout.ts';

/** Gatys et al. use average pooling ('slightly more appealing results', 2016, §2); Johnson et al. and VGG itself maximum. */
export type Pooling = 'max' | 'average';

/** Steps of the network in order: a published layer name each. */
function stepsOf(kind: LossNetworkKind): readonly string[] {
  const convolutions = convolutionNames(kind);
  return convolutions.flatMap((convolution, i) => {
    const block = convolution[4];
    const isLastOfBlock = convolutions[i + 1]?.[4] !== block;
    return [convolution, convolution.replace('conv', 'relu'), ...(isLastOfBlock ? [`pool${block}`] : [])];
  });
}

/**
 * The published name of a layer. `conv4_2` is before the ReLU, `relu4_2` behind it, `pool3` behind the pooling; Keras'
 * `block4_conv2` includes the activation and is `relu4_2`.
 *
 * @throws {ConfigError} the network has no such layer.
 */
export function canonicalLayer(kind: LossNetworkKind, name: string): string {
  const canonical = name
    .toLowerCase()
    .replace(/^block(\d)_conv(\d)$/, 'relu$1_$2')
    .replace(/^block(\d)_pool$/, 'pool$1')
    .replace(/^(conv|relu)_?(\d)[._](\d)$/, '$1$2_$3');
  const known = stepsOf(kind);
  if (!known.includes(canonical)) {
    const relus = known.filter((step) => step.startsWith('relu'));
    throw new ConfigError(
      expected(
        `a layer of ${kind}`,
        name,
        `its layers are ${relus.join(', ')}, the same with conv for before the ReLU, and pool1 … pool5`,
      ),
    );
  }
  return canonical;
}

/**
 * Layers with weights under their published names.
 *
 * @throws {ConfigError} the network has no such layer, or one is there under two names.
 */
export function canonicalWeights(kind: LossNetworkKind, weights: LayerWeights): LayerWeights {
  const names = Object.keys(weights).map((layer) => canonicalLayer(kind, layer));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(expected('each layer once', `${twice} under two names`));
  return Object.fromEntries(Object.values(weights).map((weight, i) => [names[i]!, weight]));
}

/**
 * The loss network φ: VGG19 or VGG16 of any width, frozen, as a function from pictures to feature maps at named layers.
 * Owns its weights' tensors.
 */
export class LossNetwork {
  readonly kind: LossNetworkKind;
  /** Every tensor it holds, to be declared as constants where its functions are compiled. */
  readonly tensors: readonly tf.Tensor[];
  readonly #kernels: ReadonlyMap<string, { readonly kernel: tf.Tensor4D; readonly bias: tf.Tensor1D }>;
  readonly #input: InputConvention;
  readonly #padding: 'zero' | 'reflect';
  readonly #pooling: Pooling;

  constructor(weights: LossNetworkWeights, pooling: Pooling = 'max') {
    this.kind = weights.kind;
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
   * @throws {WeightsError} the file of weights ends before a named layer. {ConfigError} the image is too small for it.
   */
  featureMaps(images: tf.Tensor4D, layers: readonly string[]): FeatureMaps {
    const wanted = new Set(layers);
    return tf.tidy(() => {
      const found: Record<string, tf.Tensor4D> = {};
      let x = this.#prepare(images);
      for (const step of stepsOf(this.kind)) {
        if (wanted.size === 0) break;
        x = this.#step(x, step);
        if (wanted.delete(step)) found[step] = x;
      }
      return found;
    });
  }

  #step(x: tf.Tensor4D, step: string): tf.Tensor4D {
    if (step.startsWith('relu')) return relu(x);
    const isPool = step.startsWith('pool');
    // A pooling needs two pixels, and so does reflection.
    if (isPool || this.#padding === 'reflect') {
      const [, height, width] = x.shape;
      if (height < 2 || width < 2)
        throw new ConfigError(
          expected(`pictures large enough for ${step}`, `one that is ${width}×${height} there`),
        );
    }
    if (isPool) {
      return this.#pooling === 'max' ? tf.maxPool(x, 2, 2, 'valid') : tf.avgPool(x, 2, 2, 'valid');
    }
    const weights = this.#kernels.get(step);
    if (weights === undefined)
      throw new WeightsError(
        expected(`weights of the loss network up to ${step}`, 'a file that ends before it'),
      );
    const { kernel, bias } = weights;
    const convolved =
      this.#padding === 'reflect'
        ? tf.conv2d(reflectPad(x, 1), kernel, 1, 'valid')
        : frozenConvolution(x, kernel);
    return biasAdd(convolved, bias);
  }

  /** Pixels to the range and channel order that the weights were trained with. */
  #prepare(images: tf.Tensor4D): tf.Tensor4D {
    const { channels, scale, mean, std } = this.#input;
    const ordered = channels === 'BGR' ? reverseChannels(images) : images;
    return tf.div(tf.sub(tf.mul(ordered, scale), tf.tensor1d([...mean])), tf.tensor1d([...std]));
  }

  dispose(): void {
    tf.dispose([...this.tensors]);
  }
}

function reverseChannels(images: tf.Tensor4D): tf.Tensor4D {
  // Not `.reverse()`: the array belongs to tfjs's gradient tape, and reversing it in place swaps the gradients.
  return tf.concat(tf.split(images, 3, 3).toReversed() as tf.Tensor4D[], 3);
}
