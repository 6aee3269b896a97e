import { createHash } from 'node:crypto';
import { isSameNetwork, lossNetworkIdentity } from '../../networks/loss-network-identity.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import { CheckpointError, ConfigError, expected } from '../../system/errors.ts';
import { type GuardRecord, UNHARMED } from '../guard/guard-record.ts';
import type { BatchLosses } from '../step/loss-values.ts';
import { isSamePhase, phaseAt } from '../step/schedule.ts';
import { stateOf, type TrainState } from '../step/train-state.ts';
import { type NetworkTrainerOptions, severalStyles } from '../trainer-options.ts';
import type { RunState } from './run-state.ts';

/** What a run is bound to. */
export type Fingerprints = Pick<RunState, 'painting' | 'lossNetwork' | 'dataset' | 'styles' | 'base'>;

/** SHA-256 of the paintings' pixels, of the loss network's numbers and of what a style is added to; the data set's id. */
export function fingerprints(options: NetworkTrainerOptions): Fingerprints {
  const { painting, lossNetwork, dataset, addTo } = options;
  const several = severalStyles(options);
  const pixels = 'pixels' in painting ? [painting.pixels] : painting.map((style) => style.painting.pixels);
  return {
    painting: sha256(pixels),
    lossNetwork: lossNetworkIdentity(lossNetwork),
    dataset,
    ...(several && { styles: several.map(({ name, styleWeight }) => ({ name, styleWeight })) }),
    ...(addTo && {
      base: sha256(
        addTo.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
      ),
    }),
  };
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * Whether a run can resume from a state with what is given now.
 *
 * @throws {CheckpointError} another painting, loss network or data set. {ConfigError} another architecture.
 */
export function checkResume(options: NetworkTrainerOptions): void {
  const { resume, config } = options;
  if (resume === undefined) return;
  const now = fingerprints(options);
  const names = ({ styles }: Fingerprints) =>
    (styles ?? []).map(({ name }) => name).join(', ') || 'one style';
  if (names(resume) !== names(now))
    throw new CheckpointError(expected(`the run's styles (${names(resume)})`, names(now)));
  if (resume.base !== now.base)
    throw new CheckpointError(expected('the network to which the run adds a style', 'another one'));
  if (resume.painting !== now.painting)
    throw new CheckpointError(expected('the painting that the run was started with', 'another picture'));
  // States of before name the loss network's file.
  const isSame =
    resume.lossNetwork === now.lossNetwork ||
    isSameNetwork({ sha256: resume.lossNetwork }, options.lossNetwork);
  if (!isSame)
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

/** The state's tensors. Caller disposes. @throws {CheckpointError} the state lacks one. */
export function tensorsOf(state: RunState, specs: readonly ParameterSpec[]): TrainState {
  const byName = new Map(state.tensors.map((tensor) => [tensor.name, tensor]));
  return stateOf(specs, (name) => {
    const array = byName.get(name);
    if (array === undefined)
      throw new CheckpointError(expected(`${name} in the run's state`, 'a state without it'));
    return array;
  });
}

/** The guard's record of a resumed run; a learning rate that the user changes now applies as given. */
export function guardOf({ resume, config }: NetworkTrainerOptions): GuardRecord {
  if (resume === undefined) return UNHARMED;
  const isChanged = resume.config.learningRate !== config.learningRate;
  return isChanged ? { ...resume.guard, learningRateFactor: 1 } : resume.guard;
}

/** The last losses of a resumed run: none if settings or the phase have changed, as other ones give other losses. */
export function recentOf({ resume, config }: NetworkTrainerOptions): readonly BatchLosses[] {
  if (resume === undefined) return [];
  const text = (of: NetworkTrainerOptions['config']) => JSON.stringify({ ...of, steps: 0 });
  if (text(resume.config) !== text(config)) return [];
  // Phases are shares of the steps: with more steps they end later.
  const phase = (of: NetworkTrainerOptions['config']) => phaseAt(resume.step - 1, of);
  return isSamePhase(phase(resume.config), phase(config)) ? resume.recent : [];
}
