import * as tf from '../tensorflow.ts';
import { checkedTensors } from './check-tensors.ts';
import {
  type AnyFunction,
  asAny,
  type CompiledFunctions,
  type FunctionsOf,
  mapValues,
  type SharedOptions,
  type Signatures,
} from './compile-together.ts';
import { flattened } from './program.ts';
import { listOf, type NoTensors, recordOf, shapesOf, type TensorRecord } from './tensor-record.ts';

/** The same functions run op by op, without a graph: slower, but every tensor can be looked at. The reference of the tests. */
export function interpretTogether<Functions extends Signatures, State extends TensorRecord = NoTensors>(
  functions: FunctionsOf<Functions, State>,
  { state = {} as State }: SharedOptions<State> = {},
): CompiledFunctions<Functions, State> {
  // Kept: a caller may run a function inside a tidy of its own, which must not take the state away.
  const own = (tensor: tf.Tensor): tf.Tensor => tf.keep(asFloat(tensor));
  const shapes = shapesOf(state);
  let current: tf.Tensor[] | undefined = listOf<tf.Tensor>(state).map(own);
  const living = (): tf.Tensor[] => {
    if (current === undefined) throw new Error('The function has been disposed of.');
    return current;
  };
  const replace = (next: tf.Tensor[]) => {
    tf.dispose(living());
    current = next;
  };
  const runner = ({ program, inputs }: AnyFunction<State>, name: string) => {
    const flat = flattened(program, inputs, state);
    return (given: TensorRecord): TensorRecord => {
      const tensors = checkedTensors(given, inputs, 'input', `${name}: `);
      const now = living();
      const { outputs, nextState } = tf.tidy(() => {
        const { outputs, nextState = now } = flat.program(tensors, now);
        return { outputs: outputs.map(asFloat), nextState: nextState.map(own) };
      });
      replace(nextState);
      return flat.named(outputs);
    };
  };
  return {
    run: mapValues(asAny(functions), runner) as unknown as CompiledFunctions<Functions, State>['run'],
    readState: () =>
      recordOf(
        living().map((tensor) => tensor.clone()),
        state,
      ) as State,
    writeState: (values) => replace(checkedTensors(values, shapes, 'state').map(own)),
    dispose() {
      if (current !== undefined) tf.dispose(current);
      current = undefined;
    },
  };
}

/** A tensor of the caller's own, float32 as a compiled function's are. */
function asFloat(tensor: tf.Tensor): tf.Tensor {
  return tensor.dtype === 'float32' ? tensor.clone() : tf.cast(tensor, 'float32');
}
