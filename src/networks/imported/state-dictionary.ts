/**
 * Reads the networks that pytorch/examples' fast_neural_style saves: the names of their tensors say what they are.
 * https://github.com/pytorch/examples/blob/main/fast_neural_style/neural_style/transformer_net.py
 */
import { EPSILON } from '../../engine/ops/constants.ts';
import { printable } from '../../system/printable.ts';
import type { NamedArray } from '../safetensors.ts';
import { readTorchWeights } from '../weights/torch-pth.ts';
import {
  ArchitectureFault,
  asInTensorFlow,
  type FoundLayer,
  type FoundNetwork,
  type NormalizedConvolution,
} from './found-network.ts';

/** Statistics that older versions of PyTorch saved and no version used. */
const UNUSED = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

/**
 * @param file how messages call it.
 * @throws {WeightsError} the file is no state dictionary. {ArchitectureFault} it is another network's.
 */
export async function readStateDictionary(bytes: Buffer, file: string): Promise<FoundNetwork> {
  const arrays = await readTorchWeights(bytes, file, (name) => !UNUSED.test(name));
  // A model that was trained on several processors has its names after `module.`.
  const left = new Map(arrays.map((array) => [array.name.replace(/^module\./, ''), array]));
  const take = (name: string): NamedArray => {
    const array = left.get(name);
    if (array === undefined)
      throw new ArchitectureFault(
        `it lacks ${name} of pytorch/examples' fast_neural_style; its tensors are ${printable([...left.keys()].slice(0, 4).join(', ') || 'none')} …`,
      );
    left.delete(name);
    return array;
  };
  const normalized = (convolution: string, normalization: string): NormalizedConvolution => {
    take(`${convolution}.conv2d.bias`);
    return {
      kernel: asInTensorFlow(take(`${convolution}.conv2d.weight`)),
      scale: take(`${normalization}.weight`),
      offset: take(`${normalization}.bias`),
    };
  };
  const layers: FoundLayer[] = [
    { kind: 'convolution', convolution: normalized('conv1', 'in1') },
    { kind: 'down', convolution: normalized('conv2', 'in2') },
    { kind: 'down', convolution: normalized('conv3', 'in3') },
  ];
  for (let i = 1; left.has(`res${i}.conv1.conv2d.weight`); i++)
    layers.push({
      kind: 'residual',
      first: normalized(`res${i}.conv1`, `res${i}.in1`),
      second: normalized(`res${i}.conv2`, `res${i}.in2`),
    });
  layers.push({ kind: 'up', convolution: normalized('deconv1', 'in4') });
  layers.push({ kind: 'up', convolution: normalized('deconv2', 'in5') });
  const last = {
    kernel: asInTensorFlow(take('deconv3.conv2d.weight')),
    bias: take('deconv3.conv2d.bias'),
  };
  const [more] = left.keys();
  if (more !== undefined)
    throw new ArchitectureFault(
      `pytorch/examples' fast_neural_style has no ${printable(more)}, which it has`,
    );
  return { layers, last, output: 'linear', epsilon: EPSILON };
}
