import * as tf from '../../engine/tensorflow.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import {
  initialParameters,
  namedTensors,
  type TransformNetParameters,
} from '../../networks/transform-net.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import { type AdamState, initialAdamState } from './adam.ts';

/** Everything that a training step reads and replaces. */
export type TrainState = {
  readonly parameters: TransformNetParameters;
  /** Running average of the parameters over the last steps: calmer than the last ones, and what is shipped. */
  readonly averaged: TransformNetParameters;
  readonly adam: AdamState;
};

/** State before the first step, around the given parameters, which then belong to it. Caller disposes. */
export function initialTrainState(parameters: TransformNetParameters): TrainState {
  const clones = Object.entries(parameters).map(([name, parameter]) => [name, parameter.clone()]);
  return { parameters, averaged: Object.fromEntries(clones), adam: initialAdamState(parameters) };
}

/** The state of a run that starts, with the weights given or drawn ones. Caller disposes. */
export function firstState(
  specs: readonly ParameterSpec[],
  seed: number,
  given?: readonly NamedArray[],
): TrainState {
  const drawn = () => namedParameters(specs, initialParameters(specs, seed));
  return initialTrainState(given === undefined ? drawn() : namedTensors(given));
}

/** The parameters by name, as the transform net takes them. */
export function namedParameters(
  specs: readonly ParameterSpec[],
  tensors: readonly tf.Tensor[],
): TransformNetParameters {
  return Object.fromEntries(specs.map(({ name }, i) => [name, tensors[i]!]));
}

/** The state's members under the names that they have in files. */
export function membersOf(state: TrainState): (readonly [name: string, member: tf.Tensor])[] {
  const { parameters, averaged, adam } = state;
  const of = (prefix: string, members: TransformNetParameters) =>
    Object.entries(members).map(([name, member]) => [`${prefix}/${name}`, member] as const);
  return [
    ...of('parameters', parameters),
    ...of('averaged', averaged),
    ...of('adam.first', adam.first),
    ...of('adam.second', adam.second),
    ['adam.beta1-power', adam.beta1Power],
    ['adam.beta2-power', adam.beta2Power],
  ];
}

/** `membersOf`'s inverse. @param member what has a name in a file, called in `membersOf`'s order. Caller disposes. */
export function stateOf(specs: readonly ParameterSpec[], member: (name: string) => NamedArray): TrainState {
  // All are checked before the first is made, so that a state that does not fit leaves no tensors.
  const arrays = (prefix: string) => specs.map(({ name }) => ({ ...member(`${prefix}/${name}`), name }));
  const [parameters, averaged, first, second] = [
    arrays('parameters'),
    arrays('averaged'),
    arrays('adam.first'),
    arrays('adam.second'),
  ];
  const powers = [member('adam.beta1-power'), member('adam.beta2-power')] as const;
  const [beta1Power, beta2Power] = powers.map(({ values, shape }) => tf.tensor(values, [...shape]));
  return {
    parameters: namedTensors(parameters),
    averaged: namedTensors(averaged),
    adam: {
      first: namedTensors(first),
      second: namedTensors(second),
      beta1Power: beta1Power!,
      beta2Power: beta2Power!,
    },
  };
}
