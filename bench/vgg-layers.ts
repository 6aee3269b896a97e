/** A drawn VGG's arrays as the loss network takes them. */
import type { NamedArray } from '../src/networks/safetensors.ts';
import type { ConvolutionWeights } from '../src/networks/weights/vgg-from-arrays.ts';

export function convolutionLayers(
  arrays: ReadonlyMap<string, Pick<NamedArray, 'values' | 'shape'>>,
): ReadonlyMap<string, ConvolutionWeights> {
  const names = [...arrays.keys()].flatMap((name) => (name.endsWith('.kernel') ? [name.slice(0, -7)] : []));
  return new Map(
    names.map((name) => {
      const { values, shape } = arrays.get(`${name}.kernel`)!;
      const kernelShape = [...shape] as [number, number, number, number];
      return [name, { kernel: values, kernelShape, bias: arrays.get(`${name}.bias`)!.values }];
    }),
  );
}
