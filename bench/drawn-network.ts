/** A VGG19 of any widths with drawn weights: memory does not depend on their values. */
import { random } from '../src/data/random.ts';
import type { ConvolutionWeights, LossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { TORCHVISION_INPUT } from '../src/networks/weights/input-convention.ts';
import { convolutionNames } from '../src/networks/weights/vgg-layout.ts';

/** @param widths channels of each of the five groups of layers. */
export function drawnNetwork(widths: readonly number[]): LossNetworkWeights {
  const next = random(7);
  const layers = new Map<string, ConvolutionWeights>();
  let from = 3;
  for (const name of convolutionNames('vgg19')) {
    const to = widths[Number(name[4]) - 1]!;
    const reach = Math.sqrt(6 / (9 * from));
    layers.set(name, {
      kernel: Float32Array.from({ length: 9 * from * to }, () => (next() * 2 - 1) * reach),
      kernelShape: [3, 3, from, to],
      bias: new Float32Array(to),
    });
    from = to;
  }
  const input = TORCHVISION_INPUT;
  return { kind: 'vgg19', layers, input, padding: 'zero', source: 'drawn', sha256: '', provenance: {} };
}
