import { LossNetwork } from '../networks/loss-network.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { OptimizeConfig } from './config.ts';

/**
 * The loss network of a configuration: its pooling, and with `swapped-means` the channels' means in reverse order, as the
 * keras recipe subtracts them. Caller disposes.
 */
export function networkFor(
  weights: LossNetworkWeights,
  { pooling, input }: Pick<OptimizeConfig, 'pooling' | 'input'>,
): LossNetwork {
  if (input === 'own') return new LossNetwork(weights, pooling);
  const [first, second, third] = weights.input.mean;
  return new LossNetwork({ ...weights, input: { ...weights.input, mean: [third, second, first] } }, pooling);
}
