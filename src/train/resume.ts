import { createHash } from 'node:crypto';
import * as tf from '../engine/tensorflow.ts';
import { CheckpointError, ConfigError, expected } from '../errors.ts';
import type { ParameterSpec } from '../networks/transform-net-parameters.ts';
import { type GuardRecord, UNHARMED } from './guard-record.ts';
import type { LossValues } from './loss-values.ts';
import type { RunState } from './run-state.ts';
import { stateNames } from './train-state.ts';
import type { TrainerOptions } from './trainer-options.ts';

/** What a run is bound to: SHA-256 of the painting's pixels and of the loss network's file, the data set's id. */
export function fingerprints({
  painting,
  lossNetwork,
  dataset,
}: TrainerOptions): Pick<RunState, 'painting' | 'lossNetwork' | 'dataset'> {
  return {
    painting: createHash('sha256').update(painting.pixels).digest('hex'),
    lossNetwork: lossNetwork.sha256,
    dataset,
  };
}

/**
 * Whether a run can go on from a state with what is given now.
 *
 * @throws {CheckpointError} another painting, loss network or data set. {ConfigError} another architecture.
 */
export function checkResume(options: TrainerOptions): void {
  const { resume, config } = options;
  if (resume === undefined) return;
  const now = fingerprints(options);
  if (resume.painting !== now.painting)
    throw new CheckpointError(expected('the painting that the run was started with', 'another picture'));
  if (resume.lossNetwork !== now.lossNetwork)
    throw new CheckpointError(expected('the loss network that the run was started with', 'other weights'));
  // Its position is a place in just this data set's order.
  if (resume.dataset !== now.dataset)
    throw new CheckpointError(expected('the data set that the run was started with', 'another one'));
  if (resume.config.architecture !== config.architecture) {
    throw new ConfigError(
      expected(`the run's architecture ${resume.config.architecture}`, config.architecture),
    );
  }
}

/** The flattened state's tensors, in order. Caller disposes. */
export function tensorsOf(state: RunState, specs: readonly ParameterSpec[]): tf.Tensor[] {
  const byName = new Map(state.tensors.map((tensor) => [tensor.name, tensor]));
  // Checked before the first is made, so that a state that does not fit leaves none behind.
  const arrays = stateNames(specs).map((name) => {
    const array = byName.get(name);
    if (array === undefined)
      throw new CheckpointError(expected(`${name} in the run's state`, 'a state without it'));
    return array;
  });
  return arrays.map(({ values, shape }) => tf.tensor(values, [...shape]));
}

/** The guard's record with which a run goes on; a learning rate that the user changes now holds as it is given. */
export function guardOf({ resume, config }: TrainerOptions): GuardRecord {
  if (resume === undefined) return UNHARMED;
  const isChanged = resume.config.learningRate !== config.learningRate;
  return isChanged ? { ...resume.guard, learningRateFactor: 1 } : resume.guard;
}

/** The last losses with which a run goes on: none if settings have changed, as other ones give other losses. */
export function recentOf({ resume, config }: TrainerOptions): readonly LossValues[] {
  if (resume === undefined) return [];
  const text = (of: TrainerOptions['config']) => JSON.stringify({ ...of, steps: 0 });
  return text(resume.config) === text(config) ? resume.recent : [];
}
