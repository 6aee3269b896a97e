/** The tiny networks of test/fixtures/weights, computed by the same formulas as make-fixtures.py. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { ConvolutionWeights, LossNetworkKind } from '../../src/networks/loss-network-weights.ts';

const BLOCKS: Readonly<Record<LossNetworkKind, readonly number[]>> = {
  vgg19: [2, 2, 4, 4, 4],
  vgg16: [2, 2, 3, 3, 3],
};
const WIDTHS = [2, 3, 3, 2, 2];

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/weights/${name}`, import.meta.url));
}

/** The layers that a fixture of this kind must hold, up to `last`. */
export function tinyVgg(kind: LossNetworkKind, last = 'conv5_4'): Map<string, ConvolutionWeights> {
  const layers = new Map<string, ConvolutionWeights>();
  let channels = 3;
  BLOCKS[kind].forEach((count, block) => {
    for (let place = 1; place <= count; place++) {
      if (layers.has(last)) return;
      const width = WIDTHS[block]!;
      const layer = layers.size;
      layers.set(`conv${block + 1}_${place}`, {
        kernel: Float32Array.from({ length: 9 * channels * width }, (_, i) => {
          return (((17 * i + 29 * layer) % 251) - 125) / 64;
        }),
        kernelShape: [3, 3, channels, width],
        bias: Float32Array.from({ length: width }, (_, i) => (4 * layer + i) / 64),
      });
      channels = width;
    }
  });
  return layers;
}

/** Layer by layer, so that a failure names the layer. */
export function assertLayers(
  actual: ReadonlyMap<string, ConvolutionWeights>,
  expected: ReadonlyMap<string, ConvolutionWeights>,
): void {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  for (const [name, layer] of expected) assert.deepEqual(actual.get(name), layer, name);
}
