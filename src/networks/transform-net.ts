import { biasAdd } from '../engine/ops/bias-add.ts';
import type { Enlargement } from '../engine/ops/constants.ts';
import { enlargingConvolution, narrowConvolution } from '../engine/ops/convolution.ts';
import { instanceNormalization } from '../engine/ops/instance-normalization.ts';
import { cropLike, padBorder, padZeros } from '../engine/ops/pad-border.ts';
import { relu } from '../engine/ops/relu.ts';
import * as tf from '../engine/tensorflow.ts';
import { type Layer, OUTPUT_GAIN, type Output, outputOf, paddingOf, WIDE_RANGE } from './architecture.ts';
import type { NamedArray } from './safetensors.ts';
import type { ParameterSpec } from './transform-net-parameters.ts';

/** The trained tensors by name. */
export type TransformNetParameters = Readonly<Record<string, tf.Tensor>>;

/** Arrays as tensors by name. Caller disposes. */
export function namedTensors(arrays: readonly NamedArray[]): TransformNetParameters {
  return Object.fromEntries(arrays.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]));
}

/**
 * What the first layer reads: pixels in [0, 255] brought to [−1, 1]; to [0, 2] if zeros lie beyond their border, which are then
 * black. Caller disposes.
 */
export function fromPixelValues(images: tf.Tensor4D, border: Layer['border']): tf.Tensor4D {
  if (border === 'zero') return tf.div(images, 127.5);
  return tf.tidy(() => tf.sub(tf.div(images, 127.5), 1));
}

/** Pixels in [0, 255] of what the last layer answers (`Output`). Caller disposes. */
export function toPixelValues(colours: tf.Tensor4D, output: Output = 'tanh'): tf.Tensor4D {
  if (output === 'linear') return tf.clipByValue(colours, 0, 255);
  if (output === 'tanh150')
    return tf.tidy(() => tf.clipByValue(tf.add(tf.mul(tf.tanh(colours), WIDE_RANGE), 127.5), 0, 255));
  return tf.tidy(() => tf.add(tf.mul(tf.tanh(tf.mul(colours, OUTPUT_GAIN)), 127.5), 127.5));
}

/**
 * First values of the trained tensors, the same for the same seed.
 *
 * @returns one tensor per spec, in order. Caller disposes.
 */
export function initialParameters(specs: readonly ParameterSpec[], seed: number): tf.Tensor[] {
  return specs.map(({ shape, mean, deviation }, i) =>
    deviation === 0
      ? tf.fill(shape as number[], mean)
      : tf.randomNormal(shape as number[], mean, deviation, 'float32', seed * 1009 + i + 1),
  );
}

/**
 * Normalises the result of a convolution. @param name of its layer: `layers.3.first` for `layers.3.first.scale`.
 */
export type Normalization = (
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  name: string,
) => tf.Tensor4D;

/** Ops that a transform net may be given. */
export interface TransformNetOps {
  /** Defaults to each image's own statistics. */
  readonly normalization?: Normalization;
  readonly pad?: typeof padBorder;
}

/**
 * The image transform net f_W (Johnson et al. 2016, §3.1): paints a photo in one forward pass.
 *
 * Differs from Johnson et al.: instance normalisation instead of batch normalisation (Ulyanov et al. 2016), bilinear
 * enlargement and convolution instead of transposed convolution (Odena et al. 2016: no checkerboards), reflection
 * before every convolution instead of once at the input, and 127.5·tanh(x / 10) + 127.5 at the end, exactly [0, 255]. Imported
 * networks have other enlargements, borders and outputs (`Layer`).
 *
 * @param images [N, H, W, 3], RGB pixels in [0, 255], H and W at least `smallestImage(layers)`.
 * @param ops in place of the usual ones.
 * @returns [N, H, W, 3], RGB pixels in [0, 255]. Caller disposes.
 */
export function transformNet(
  layers: readonly Layer[],
  parameters: TransformNetParameters,
  images: tf.Tensor4D,
  { normalization = instanceNormalization, pad = padBorder }: TransformNetOps = {},
): tf.Tensor4D {
  const parameter = (name: string) => {
    const found = parameters[name];
    if (found === undefined) throw new Error(`The transform net has no parameter ${name}.`);
    return found;
  };
  const border = layers[0]?.border;
  const padded = (x: tf.Tensor4D, kernel: tf.Tensor4D, stride = 1): tf.Tensor4D => {
    const [before, after] = paddingOf(kernel.shape[0], stride, border);
    return border === 'zero' ? padZeros(x, before, after) : pad(x, before, 'REFLECT');
  };
  const convolve = (x: tf.Tensor4D, name: string, stride = 1): tf.Tensor4D => {
    const weights = parameter(`${name}.kernel`) as tf.Tensor4D;
    return tf.conv2d(padded(x, weights, stride), weights, stride, 'valid');
  };
  // After an enlargement sides are even, whatever the photo's, until they are halved again.
  const endsEven = layers.findLast(({ kind }) => kind === 'up' || kind === 'down')?.kind === 'up';
  const toColours = (x: tf.Tensor4D, name: string): tf.Tensor4D => {
    const weights = parameter(`${name}.kernel`) as tf.Tensor4D;
    const around = padded(x, weights);
    const colours = endsEven ? narrowConvolution(around, weights) : tf.conv2d(around, weights, 1, 'valid');
    return biasAdd(colours, parameter(`${name}.bias`) as tf.Tensor1D);
  };
  const enlarge = (x: tf.Tensor4D, name: string, enlargement: Enlargement) =>
    enlargingConvolution(
      x,
      parameter(`${name}.kernel`) as tf.Tensor4D,
      enlargement,
      border === 'zero' ? (small, by) => padZeros(small, by) : pad,
    );
  const normalize = (x: tf.Tensor4D, name: string) =>
    normalization(
      x,
      parameter(`${name}.scale`) as tf.Tensor1D,
      parameter(`${name}.offset`) as tf.Tensor1D,
      name,
    );
  const apply = (x: tf.Tensor4D, layer: Layer, i: number): tf.Tensor4D => {
    const name = `layers.${i}`;
    switch (layer.kind) {
      case 'convolution':
        return i === layers.length - 1 ? toColours(x, name) : relu(normalize(convolve(x, name), name));
      case 'down':
        return relu(normalize(convolve(x, name, 2), name));
      case 'residual': {
        const inner = relu(normalize(convolve(x, `${name}.first`), `${name}.first`));
        return tf.add(x, normalize(convolve(inner, `${name}.second`), `${name}.second`));
      }
      case 'up':
        return relu(normalize(enlarge(x, name, layer.enlargement), name));
    }
  };
  return tf.tidy(() => {
    let x = fromPixelValues(images, border);
    layers.forEach((layer, i) => {
      const before = x;
      x = tf.tidy(() => apply(before, layer, i));
      // Large pictures: what a layer has read is not needed any more (a gradient's tape keeps what it wants).
      before.dispose();
    });
    const pixels = toPixelValues(x, outputOf(layers));
    // Halving rounds up, so an odd side comes back a little larger.
    return cropLike(pixels, images);
  });
}
