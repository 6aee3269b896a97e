/**
 * All parameters end to end in one tensor, [P], as if they were one. What is done to every number of them, as Adam does, is then
 * a dozen ops in all instead of a dozen for each.
 */
import * as tf from '../../engine/tensorflow.ts';
import type { TransformNetParameters } from '../../networks/transform-net.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import type { TrainState } from './train-state.ts';

/** The one parameter's name. */
const ALL = 'all';

/** @param parameters of the specs' names. Caller disposes. */
export function flatParameters(
  specs: readonly ParameterSpec[],
  parameters: TransformNetParameters,
): TransformNetParameters {
  const all = tf.tidy(() => tf.concat(specs.map(({ name }) => tf.reshape(parameters[name]!, [-1]))));
  return { [ALL]: all };
}

/** `flatParameters`' inverse. Caller disposes. */
export function unflattenedParameters(
  specs: readonly ParameterSpec[],
  flat: TransformNetParameters,
): TransformNetParameters {
  return tf.tidy(() => {
    const sizes = specs.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
    const parts = tf.split(flat[ALL]!, sizes);
    return Object.fromEntries(specs.map(({ name, shape }, i) => [name, tf.reshape(parts[i]!, [...shape])]));
  });
}

/** A state of the flat parameters. Caller disposes. */
export function flatState(specs: readonly ParameterSpec[], state: TrainState): TrainState {
  return mapParameters(state, (parameters) => flatParameters(specs, parameters));
}

/** `flatState`'s inverse. Caller disposes. */
export function unflattenedState(specs: readonly ParameterSpec[], flat: TrainState): TrainState {
  return mapParameters(flat, (parameters) => unflattenedParameters(specs, parameters));
}

function mapParameters(
  { parameters, averaged, adam }: TrainState,
  make: (parameters: TransformNetParameters) => TransformNetParameters,
): TrainState {
  return {
    parameters: make(parameters),
    averaged: make(averaged),
    adam: {
      first: make(adam.first),
      second: make(adam.second),
      beta1Power: adam.beta1Power.clone(),
      beta2Power: adam.beta2Power.clone(),
    },
  };
}
