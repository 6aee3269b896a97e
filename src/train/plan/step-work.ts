import type { Layer } from '../../networks/architecture.ts';
import { canonicalLayer } from '../../networks/layer-names.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { transformNetParameters } from '../../networks/transform-net-parameters.ts';
import { PIXELS, stepsTo, vggSteps } from '../../networks/weights/loss-network-steps.ts';

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

/** The same of the loss network, as far as the named layers need it. */
export function lossActivations(
  weights: Pick<LossNetworkWeights, 'kind' | 'layers' | 'steps'>,
  names: readonly string[],
  width: number,
  height = width,
): number {
  const steps = weights.steps ?? vggSteps(weights.kind);
  const sides = new Map([[PIXELS, 1]]);
  let values = 0;
  for (const { name, operation, from } of stepsTo(
    steps,
    names.map((layer) => canonicalLayer(weights.kind, layer)),
  )) {
    const side = sides.get(from)! / (operation === 'pool' ? 2 : 1);
    sides.set(name, side);
    // A ReLU counts with its convolution, and what the file does not hold is refused later.
    if (operation === 'conv') values += (weights.layers.get(name)?.bias.length ?? 0) * side ** 2;
  }
  return BYTES * width * height * values;
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
