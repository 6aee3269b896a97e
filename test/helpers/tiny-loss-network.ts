import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { random } from '../../src/data/random.ts';
import type {
  ConvolutionWeights,
  LossNetworkKind,
  LossNetworkWeights,
} from '../../src/networks/loss-network-weights.ts';
import { formatSafetensors, type NamedArray } from '../../src/networks/safetensors.ts';
import {
  describeInput,
  type InputConvention,
  TORCHVISION_INPUT,
} from '../../src/networks/weights/input-convention.ts';
import { convolutionNames, torchvisionIndices } from '../../src/networks/weights/vgg-layout.ts';

/** Channels of the five blocks: enough to tell channels apart, few enough to run in a moment. */
const WIDTHS = [3, 4, 4, 3, 2];

export interface TinyOptions {
  readonly kind?: LossNetworkKind;
  readonly padding?: 'zero' | 'reflect';
  readonly input?: InputConvention;
  /** The last convolution that the weights hold. */
  readonly last?: string;
  readonly seed?: number;
  /** Factor on every kernel; 1e20 makes feature maps overflow. Defaults to 1. */
  readonly gain?: number;
}

/** A loss network of a published shape and a few channels, with weights drawn so that signals keep their size. */
export function tinyLossNetwork(options: TinyOptions = {}): LossNetworkWeights {
  const {
    kind = 'vgg19',
    padding = 'zero',
    input = TORCHVISION_INPUT,
    last = 'conv5_9',
    seed = 7,
    gain = 1,
  } = options;
  const next = random(seed);
  const layers = new Map<string, ConvolutionWeights>();
  let channels = 3;
  for (const name of convolutionNames(kind)) {
    if (name > last) break;
    const width = WIDTHS[Number(name[4]) - 1]!;
    // Uniform numbers of He's variance, 2 / fan-in.
    const reach = gain * Math.sqrt((3 * 2) / (9 * channels));
    layers.set(name, {
      kernel: Float32Array.from({ length: 9 * channels * width }, () => (next() * 2 - 1) * reach),
      kernelShape: [3, 3, channels, width],
      bias: Float32Array.from({ length: width }, () => next() * 0.2),
    });
    channels = width;
  }
  const sha256 = createHash('sha256').update(JSON.stringify(options)).digest('hex');
  return { kind, layers, input, padding, source: 'drawn for tests', sha256, provenance: {} };
}

/** The same weights as a .safetensors file in torchvision's naming and layout. */
export async function writeTinyLossNetwork(path: string, options: TinyOptions = {}): Promise<string> {
  const { kind, layers, input, padding } = tinyLossNetwork(options);
  const indices = new Map([...torchvisionIndices(kind)].map(([index, name]) => [name, index]));
  const tensors = [...layers].flatMap(([name, { kernel, kernelShape, bias }]): NamedArray[] => {
    const at = `features.${indices.get(name)}`;
    const [height, width, from, to] = kernelShape;
    return [
      { name: `${at}.weight`, shape: [to, from, height, width], values: outFirst(kernel, kernelShape) },
      { name: `${at}.bias`, shape: [to], values: bias },
    ];
  });
  const metadata = { architecture: kind, padding, source: 'drawn for tests', ...describeInput(input) };
  await writeFile(path, formatSafetensors(tensors, metadata, 'F32'));
  return path;
}

/** HWIO to OIHW. */
export function outFirst(
  kernel: Float32Array,
  [height, width, from, to]: ConvolutionWeights['kernelShape'],
): Float32Array {
  const result = new Float32Array(kernel.length);
  let at = 0;
  for (let o = 0; o < to; o++)
    for (let i = 0; i < from; i++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) result[at++] = kernel[((y * width + x) * from + i) * to + o]!;
  return result;
}
