import * as tf from '../../engine/tensorflow.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { initialParameters } from '../../networks/transform-net.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import { type AdamState, initialAdamState } from './adam.ts';

/** Everything that a training step reads and replaces. */
export interface TrainState {
  readonly parameters: readonly tf.Tensor[];
  /** Running average of the parameters over the last steps: calmer than the last ones, and what is shipped. */
  readonly averaged: readonly tf.Tensor[];
  readonly adam: AdamState;
}

/** State before the first step, around the given parameters, which it takes over. Caller disposes. */
export function initialTrainState(parameters: readonly tf.Tensor[]): TrainState {
  return {
    parameters,
    averaged: parameters.map((parameter) => parameter.clone()),
    adam: initialAdamState(parameters),
  };
}

/** The flattened state of a run that starts, with the weights given or drawn ones. Caller disposes. */
export function firstState(
  specs: readonly ParameterSpec[],
  seed: number,
  given?: readonly NamedArray[],
): tf.Tensor[] {
  const parameters =
    given === undefined
      ? initialParameters(specs, seed)
      : given.map(({ values, shape }) => tf.tensor(values, [...shape]));
  return flatten(initialTrainState(parameters));
}

/** The state as one list, as compiled functions and files hold it; `stateNames` names its members in this order. */
export function flatten({ parameters, averaged, adam }: TrainState): tf.Tensor[] {
  return [...parameters, ...averaged, ...adam.first, ...adam.second, adam.beta1Power, adam.beta2Power];
}

/** The reverse of `flatten`. Makes no tensors. */
export function unflatten(tensors: readonly tf.Tensor[]): TrainState {
  const count = (tensors.length - 2) / 4;
  const part = (i: number) => tensors.slice(i * count, (i + 1) * count);
  const [beta1Power, beta2Power] = tensors.slice(-2) as [tf.Tensor, tf.Tensor];
  return {
    parameters: part(0),
    averaged: part(1),
    adam: { first: part(2), second: part(3), beta1Power, beta2Power },
  };
}

/** Names of the flattened state's members. */
export function stateNames(specs: readonly ParameterSpec[]): readonly string[] {
  const named = (prefix: string) => specs.map(({ name }) => `${prefix}/${name}`);
  return [
    ...named('parameters'),
    ...named('averaged'),
    ...named('adam.first'),
    ...named('adam.second'),
    'adam.beta1-power',
    'adam.beta2-power',
  ];
}
