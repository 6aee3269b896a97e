/** Which loss network it is, whatever file it lies in: known by its numbers, not by the bytes around them. */
import { createHash } from 'node:crypto';
import { toHalves } from './half-float.ts';
import type { LossNetworkWeights } from './loss-network-weights.ts';
import { describeInput } from './weights/input-convention.ts';
import { formatSteps, vggSteps } from './weights/loss-network-steps.ts';

type Network = Pick<LossNetworkWeights, 'kind' | 'layers' | 'steps' | 'input' | 'padding'>;

/**
 * SHA-256 of what the network computes: its steps, input convention, padding, and its numbers rounded to half precision. So the
 * published file, its import as safetensors and a copy in half precision are one network; losses through them differ by less
 * than a thousandth.
 */
export function lossNetworkIdentity({ kind, layers, steps, input, padding }: Network): string {
  const described = { steps: formatSteps(steps ?? vggSteps(kind)), ...describeInput(input), padding };
  return createHash('sha256')
    .update(`${JSON.stringify(described)}\n${sha256OfHalves(layers)}`)
    .digest('hex');
}

/** Twenty million numbers take a moment, and a command asks more than once. */
const known = new WeakMap<Network['layers'], string>();

function sha256OfHalves(layers: Network['layers']): string {
  const before = known.get(layers);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  for (const [name, { kernel, kernelShape, bias }] of layers) {
    hash.update(`${name} ${kernelShape.join(',')}\n`);
    for (const values of [kernel, bias]) hash.update(new Uint8Array(toHalves(values).buffer));
  }
  const sum = hash.digest('hex');
  known.set(layers, sum);
  return sum;
}

/**
 * SHA-256 of kernels (HWIO) and biases, float32 little-endian, in the order of the network: what tells whether numbers that came
 * in another file are the published ones to the last bit.
 */
export function sha256OfNumbers({ layers }: Pick<LossNetworkWeights, 'layers'>): string {
  const hash = createHash('sha256');
  for (const { kernel, bias } of layers.values())
    for (const { buffer, byteOffset, byteLength } of [kernel, bias])
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}

/** What is written down of a loss network by what it was used for. */
export function namedNetwork(
  weights: LossNetworkWeights,
): Readonly<Record<'source' | 'sha256' | 'identity', string>> {
  const { source, sha256 } = weights;
  return { source, sha256, identity: lossNetworkIdentity(weights) };
}

/** What a checkpoint says of its loss network: `identity`; before there was one, the SHA-256 of its file alone. */
export interface NamedNetwork {
  readonly identity?: string | undefined;
  readonly sha256?: string | undefined;
}

/**
 * Whether a network is the one that is named: by its numbers; where only a file's SHA-256 was written down, by that of its own file
 * or of the one that it was imported from.
 */
export function isSameNetwork({ identity, sha256 }: NamedNetwork, weights: LossNetworkWeights): boolean {
  if (identity !== undefined) return identity === lossNetworkIdentity(weights);
  if (sha256 === undefined) return false;
  // A distilled network's original is its teacher.
  const imported = weights.steps === undefined && weights.provenance.originalSha256 === sha256;
  return weights.sha256 === sha256 || imported;
}
