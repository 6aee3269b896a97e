import type { Layer } from '../networks/architecture.ts';
import { canonicalLayer } from '../networks/loss-network.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import { transformNetParameters } from '../networks/transform-net-parameters.ts';

const BYTES = 4;

/**
 * Bytes of what the transform net's convolutions answer for one photo, in f32: what a step keeps for the gradient is a
 * multiple of it.
 */
export function transformActivations(layers: readonly Layer[], width: number, height = width): number {
  let pixels = width * height;
  let values = 0;
  for (const { kind, channels } of layers) {
    if (kind === 'down') pixels /= 4;
    if (kind === 'up') pixels *= 4;
    values += pixels * channels * (kind === 'residual' ? 2 : 1);
  }
  return values * BYTES;
}

/** The same of the loss network, up to the deepest of the named layers. */
export function lossActivations(
  weights: Pick<LossNetworkWeights, 'kind' | 'layers'>,
  names: readonly string[],
  width: number,
  height = width,
): number {
  const wanted = new Set(
    names.map((name) => canonicalLayer(weights.kind, name).replace(/^(relu|pool)/, 'conv')),
  );
  const convolutions = [...weights.layers];
  // A pooling layer is called after its block: all of it is computed.
  const deepest = convolutions.findLastIndex(([name]) => wanted.has(name) || wanted.has(name.slice(0, 5)));
  return convolutions.slice(0, deepest + 1).reduce((sum, [name, { kernelShape }]) => {
    const halvings = Number(name[4]) - 1;
    return sum + (BYTES * width * height * kernelShape[3]) / 4 ** halvings;
  }, 0);
}

/** Bytes of the loss network's weights in f32. */
export function lossWeights({ layers }: Pick<LossNetworkWeights, 'layers'>): number {
  return [...layers.values()].reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0) * BYTES;
}

/** Numbers in the transform net. */
export function parameterCount(layers: readonly Layer[]): number {
  return transformNetParameters(layers).reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
}

/** Bytes of a training state: weights, their average and Adam's two moments. */
export function stateBytes(layers: readonly Layer[]): number {
  return 4 * BYTES * parameterCount(layers);
}
