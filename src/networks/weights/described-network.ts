/** Weights of a loss network that a file describes step by step (`loss-network-steps.ts`). */
import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';
import type { NamedArray } from '../safetensors.ts';
import { PIXELS, type Step } from './loss-network-steps.ts';
import type { ConvolutionWeights } from './vgg-from-arrays.ts';

/**
 * The weights of each convolution among the steps, from arrays called `<step>/kernel` (HWIO) and `<step>/bias`.
 *
 * @throws {WeightsError} an array is missing, has no step, does not fit the step before it, or is damaged: it is named.
 */
export function describedWeights(
  arrays: Iterable<NamedArray>,
  steps: readonly Step[],
  file: string,
): ReadonlyMap<string, ConvolutionWeights> {
  const left = new Map([...arrays].map((array) => [array.name, array]));
  const take = (name: string): NamedArray => {
    const array = left.get(name);
    if (array === undefined) throw new WeightsError(`${file} lacks the array ${name} of its own steps.`);
    left.delete(name);
    if (!array.values.every(Number.isFinite))
      throw new WeightsError(`${file}: ${name} holds numbers that are not finite; the file is damaged.`);
    return array;
  };
  const channels = new Map([[PIXELS, 3]]);
  const layers = new Map<string, ConvolutionWeights>();
  for (const { name, operation, from } of steps) {
    const channelsIn = channels.get(from)!;
    if (operation !== 'conv') {
      channels.set(name, channelsIn);
      continue;
    }
    const layer = convolution(name, take(`${name}/kernel`), take(`${name}/bias`), channelsIn, file);
    channels.set(name, layer.bias.length);
    layers.set(name, layer);
  }
  const [stray] = left.keys();
  if (stray !== undefined)
    throw new WeightsError(`${file}: its steps have no place for the array ${printable(stray)}.`);
  return layers;
}

function convolution(
  name: string,
  kernel: NamedArray,
  bias: NamedArray,
  channelsIn: number,
  file: string,
): ConvolutionWeights {
  const [height = 0, width, from, to = 0] = kernel.shape;
  if (kernel.shape.length !== 4 || height !== width || height % 2 !== 1 || from !== channelsIn || to === 0)
    throw new WeightsError(
      `${file}: the kernel of ${name} should have the shape [k,k,${channelsIn},n] with k odd but has [${kernel.shape}].`,
    );
  if (bias.shape.length !== 1 || bias.shape[0] !== to)
    throw new WeightsError(
      `${file}: the bias of ${name} should have the shape [${to}] but has [${bias.shape}].`,
    );
  return { kernel: kernel.values, kernelShape: [height, width, from, to], bias: bias.values };
}
