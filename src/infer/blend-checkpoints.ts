import type { Checkpoint } from '../networks/checkpoint.ts';
import { CheckpointError, expected } from '../system/errors.ts';
import { type BlendPart, nameOfBlend } from './blend.ts';

/**
 * Styles of separate files mixed: all their weights interpolated by the shares, w = Σ s_i w_i (Wang et al. 2019, 'Deep Network
 * Interpolation', eq. 1). What comes out is one network that paints at the cost of one.
 *
 * It works where the networks have a common origin: ours start from the same weights unless trained with another seed, or
 * one from the other. Networks of other origins were not tried.
 *
 * @param checkpoints one per part, in order.
 * @throws {CheckpointError} they are of different architectures.
 */
export function blendCheckpoints(
  parts: readonly BlendPart[],
  checkpoints: readonly Checkpoint[],
): Checkpoint {
  const [first] = checkpoints as readonly [Checkpoint, ...Checkpoint[]];
  const other = checkpoints.findIndex(({ architecture }) => architecture !== first.architecture);
  if (other >= 0)
    throw new CheckpointError(
      expected(
        `styles of one architecture for --blend (${parts[0]!.style} has ${first.architecture})`,
        `${parts[other]!.style} with ${checkpoints[other]!.architecture}`,
      ),
    );
  const parameters = first.parameters.map((array, i) => ({
    ...array,
    values: array.values.map((_, k) =>
      checkpoints.reduce((sum, { parameters }, n) => sum + parts[n]!.share * parameters[i]!.values[k]!, 0),
    ),
  }));
  return { ...first, parameters, name: nameOfBlend(parts), style: {}, training: {} };
}
