import type { LossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import type { NamedArray } from '../src/networks/safetensors.ts';
import { TORCHVISION_INPUT } from '../src/networks/weights/input-convention.ts';
import type { ConvolutionWeights } from '../src/networks/weights/vgg-from-arrays.ts';

type Arrays = ReadonlyMap<string, Pick<NamedArray, 'values' | 'shape'>>;

/** A VGG19 of drawn arrays as the loss network takes it. */
export function drawnLossNetwork(arrays: Arrays): LossNetworkWeights {
  return {
    kind: 'vgg19',
    layers: convolutionLayers(arrays),
    input: TORCHVISION_INPUT,
    padding: 'zero',
    source: 'drawn',
    sha256: '',
    provenance: {},
  };
}

function convolutionLayers(arrays: Arrays): ReadonlyMap<string, ConvolutionWeights> {
  const names = [...arrays.keys()].flatMap((name) => (name.endsWith('.kernel') ? [name.slice(0, -7)] : []));
  return new Map(
    names.map((name) => {
      const { values, shape } = arrays.get(`${name}.kernel`)!;
      const kernelShape = [...shape] as [number, number, number, number];
      return [name, { kernel: values, kernelShape, bias: arrays.get(`${name}.bias`)!.values }];
    }),
  );
}
