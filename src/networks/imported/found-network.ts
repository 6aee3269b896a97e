/**
 * Networks of others of the architecture of pytorch/examples' fast_neural_style, which is that of Johnson et al. 2016 with instance
 * normalisation and the enlargement of Odena et al. 2016, as parameters of ours.
 * https://github.com/pytorch/examples/blob/main/fast_neural_style/neural_style/transformer_net.py
 */
import { ConfigError } from '../../system/errors.ts';
import { parseArchitecture } from '../architecture.ts';
import { LARGEST_HALF } from '../half-float.ts';
import { outputsLast } from '../kernel-order.ts';
import type { NamedArray } from '../safetensors.ts';
import { transformNetParameters } from '../transform-net-parameters.ts';

/** The file is sound, but it holds another network; the message says why, without a full stop. */
export class ArchitectureFault extends Error {}

type FoundArray = Pick<NamedArray, 'shape' | 'values'>;

/** Its bias is left out: normalisation subtracts the mean, and it with it. */
export interface NormalizedConvolution {
  /** [outputs, inputs, K, K], as PyTorch and ONNX have it. */
  readonly kernel: FoundArray;
  /** [outputs]. */
  readonly scale: FoundArray;
  readonly offset: FoundArray;
}

export type FoundLayer =
  | { readonly kind: 'convolution' | 'down' | 'up'; readonly convolution: NormalizedConvolution }
  | {
      readonly kind: 'residual';
      readonly first: NormalizedConvolution;
      readonly second: NormalizedConvolution;
    };

/** A network as it is in a file: reads RGB pixels in [0, 255], answers the same, not clipped. */
export interface FoundNetwork {
  readonly layers: readonly FoundLayer[];
  readonly last: { readonly kernel: FoundArray; readonly bias: FoundArray };
}

/** What of a checkpoint comes from the file. */
export interface ImportedNetwork {
  readonly architecture: string;
  readonly parameters: readonly NamedArray[];
}

/** The network that it was found reads x, ours x / 127.5 − 1, in the first layer. */
const INPUT_SCALE = 127.5;

/**
 * The same network in our form: x = 127.5·(x / 127.5 − 1) + 127.5, so the first kernel is multiplied by 127.5; what the constant
 * adds to its result is the same for all pixels of a channel, since the border is reflected, and normalisation subtracts it.
 *
 * @throws {ArchitectureFault} kernels do not fit one another, or the numbers are no finite halves.
 */
export function asTransformNet({ layers, last }: FoundNetwork): ImportedNetwork {
  const texts = shortened(layers.map(layerText));
  const architecture = [...texts, `c${last.kernel.shape[2]}s1-${last.kernel.shape[0]}`, 'linear'].join(',');
  const found = new Map<string, FoundArray>();
  const put = (name: string, { kernel, scale, offset }: NormalizedConvolution) => {
    found.set(`${name}.kernel`, inOurOrder(kernel));
    found.set(`${name}.scale`, scale);
    found.set(`${name}.offset`, offset);
  };
  layers.forEach((layer, i) => {
    if (layer.kind === 'residual') {
      put(`layers.${i}.first`, layer.first);
      put(`layers.${i}.second`, layer.second);
    } else put(`layers.${i}`, i === 0 ? scaledInput(layer.convolution) : layer.convolution);
  });
  found.set(`layers.${layers.length}.kernel`, inOurOrder(last.kernel));
  found.set(`layers.${layers.length}.bias`, last.bias);
  const parameters = specsOf(architecture).map(({ name, shape }) => {
    const array = found.get(name);
    if (array === undefined || String(array.shape) !== String(shape))
      throw new ArchitectureFault(
        `${name} should have the shape [${shape}] in ${architecture} but has [${array?.shape ?? 'none'}]`,
      );
    if (!array.values.every((value) => Math.abs(value) <= LARGEST_HALF))
      throw new ArchitectureFault(`${name} holds numbers beyond ±${LARGEST_HALF}, or NaN`);
    return { name, shape, values: array.values };
  });
  return { architecture, parameters };
}

function layerText(layer: FoundLayer): string {
  if (layer.kind === 'residual') return `R${layer.first.kernel.shape[0]}`;
  const [channels, , side] = layer.convolution.kernel.shape;
  if (layer.kind === 'down') return `d${channels}`;
  return layer.kind === 'up' ? `U2,c3s1-${channels}` : `c${side}s1-${channels}`;
}

/** `R128,R128` as `R128x2`. */
function shortened(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, i) => {
    if (!text.startsWith('R')) return [text];
    if (texts[i - 1] === text) return [];
    const end = texts.findIndex((other, j) => j > i && other !== text);
    const times = (end < 0 ? texts.length : end) - i;
    return [times === 1 ? text : `${text}x${times}`];
  });
}

function specsOf(architecture: string) {
  try {
    return transformNetParameters(parseArchitecture(architecture));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ArchitectureFault(`its layers are ${architecture}`, { cause: error });
  }
}

function scaledInput({ kernel, ...rest }: NormalizedConvolution): NormalizedConvolution {
  return { ...rest, kernel: { ...kernel, values: kernel.values.map((value) => value * INPUT_SCALE) } };
}

function inOurOrder({ shape, values }: FoundArray): FoundArray {
  const [to = 0, from = 0, height = 0, width = 0] = shape;
  return { shape: [height, width, from, to], values: outputsLast(values, from, to) };
}
