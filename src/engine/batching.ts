import { ConfigError, expected } from '../system/errors.ts';
import { device } from './versions.ts';

/**
 * How a training step's graph goes through the photos of its batch. Both compute the same.
 *
 * - `per-photo`: one after the other. On a CPU faster and smaller: an op on one photo keeps all cores busy, its tensors stay in
 *   the caches, and instance normalisation of one photo is a fused op.
 * - `whole-batch`: every op is of all photos. The number of ops does not grow with the batch, which is what a GPU's time goes
 *   into: it waits for ops to be started.
 */
export type Batching = 'per-photo' | 'whole-batch';

/**
 * What the device calls for.
 *
 * @param asked what is wanted instead. @throws {ConfigError} it is neither.
 */
export function batchingOfDevice(asked = process.env.FAST_STYLE_BATCHING): Batching {
  if (asked === 'per-photo' || asked === 'whole-batch') return asked;
  if (asked)
    throw new ConfigError(
      expected('per-photo or whole-batch for FAST_STYLE_BATCHING', asked, 'choose one or unset it'),
    );
  return device() === 'GPU' ? 'whole-batch' : 'per-photo';
}
