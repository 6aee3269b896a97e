/** Networks of others, of architectures that come from Johnson et al. 2016, as parameters of ours. */
import { EPSILON } from '../../engine/ops/constants.ts';
import { ConfigError } from '../../system/errors.ts';
import { type Layer, type Output, parseArchitecture } from '../architecture.ts';
import { LARGEST_HALF } from '../half-float.ts';
import { outputsLast } from '../kernel-order.ts';
import type { NamedArray } from '../safetensors.ts';
import { transformNetParameters } from '../transform-net-parameters.ts';

/** The file is sound, but it holds another network; the message says why, without a full stop. */
export class ArchitectureFault extends Error {}

type FoundArray = Pick<NamedArray, 'shape' | 'values'>;

/** Its bias is left out: normalisation subtracts the mean, and it with it. */
export interface NormalizedConvolution {
  /** [K, K, inputs, outputs]. */
  readonly kernel: FoundArray;
  /** [outputs]. */
  readonly scale: FoundArray;
  readonly offset: FoundArray;
}

export type FoundLayer =
  /** `up` repeats each pixel before it convolves, `transposed` has zeros before each (`Layer`). */
  | {
      readonly kind: 'convolution' | 'down' | 'up' | 'transposed';
      readonly convolution: NormalizedConvolution;
    }
  | {
      readonly kind: 'residual';
      readonly first: NormalizedConvolution;
      readonly second: NormalizedConvolution;
    };

/** A network as it is in a file: reads RGB pixels in [0, 255], answers the same. */
export interface FoundNetwork {
  readonly layers: readonly FoundLayer[];
  readonly last: { readonly kernel: FoundArray; readonly bias: FoundArray };
  readonly border?: Layer['border'];
  readonly output: Output;
  /** ε of its normalisation. */
  readonly epsilon: number;
}

/** What of a checkpoint comes from the file. */
export interface ImportedNetwork {
  readonly architecture: string;
  readonly parameters: readonly NamedArray[];
}

/** The network that was found reads x in its first layer, ours x / 127.5 − 1, or x / 127.5 with zeros beyond the border. */
const INPUT_SCALE = 127.5;

/**
 * The same network in our form: x = 127.5·(x / 127.5 − 1) + 127.5, so the first kernel is multiplied by 127.5; what the constant
 * adds to its result is the same for all pixels of a channel where the border is reflected, and normalisation subtracts it.
 *
 * With kernels f times as large, the variance is f² times as large: f = √(our ε / theirs) makes of theirs ours.
 *
 * @throws {ArchitectureFault} kernels do not fit one another, or the numbers are no finite halves.
 */
export function asTransformNet({ layers, last, border, output, epsilon }: FoundNetwork): ImportedNetwork {
  const texts = [...layers.map(layerText), convolutionText(last.kernel)];
  const architecture = [...(border === undefined ? [] : [border]), ...shortened(texts), output].join(',');
  const found = new Map<string, FoundArray>();
  const factor = Math.sqrt(EPSILON / epsilon);
  const put = (name: string, { kernel, scale, offset }: NormalizedConvolution, input = 1) => {
    found.set(`${name}.kernel`, scaled(kernel, factor * input));
    found.set(`${name}.scale`, scale);
    found.set(`${name}.offset`, offset);
  };
  layers.forEach((layer, i) => {
    if (layer.kind === 'residual') {
      put(`layers.${i}.first`, layer.first);
      put(`layers.${i}.second`, layer.second);
    } else put(`layers.${i}`, layer.convolution, i === 0 ? INPUT_SCALE : 1);
  });
  found.set(`layers.${layers.length}.kernel`, last.kernel);
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
  if (layer.kind === 'residual') return `R${layer.first.kernel.shape[3]}`;
  const { kernel } = layer.convolution;
  if (layer.kind === 'convolution') return convolutionText(kernel);
  const prefix = { down: 'd', up: 'U2,c3s1-', transposed: 't' }[layer.kind];
  return `${prefix}${kernel.shape[3]}`;
}

function convolutionText({ shape: [side, , , channels] }: FoundArray): string {
  return `c${side}s1-${channels}`;
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

function scaled({ shape, values }: FoundArray, factor: number): FoundArray {
  return { shape, values: factor === 1 ? values : values.map((value) => value * factor) };
}

/** A kernel as PyTorch and ONNX have it, [outputs, inputs, K, K], as TensorFlow has it, [K, K, inputs, outputs]. */
export function asInTensorFlow({ shape, values }: FoundArray): FoundArray {
  const [to = 0, from = 0, height = 0, width = 0] = shape;
  return { shape: [height, width, from, to], values: outputsLast(values, from, to) };
}
