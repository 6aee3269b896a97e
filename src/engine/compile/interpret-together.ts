import * as tf from '../tensorflow.ts';
import { checkNextState, checkShapes } from './check-tensors.ts';
import type { CompiledFunctions, FunctionOptions, Runner, SharedOptions } from './compile-together.ts';

/** The same functions run op by op, without a graph: slower, but every tensor can be looked at. The reference of the tests. */
export function interpretTogether<Name extends string>(
  functions: Readonly<Record<Name, FunctionOptions>>,
  { state = [] }: SharedOptions = {},
): CompiledFunctions<Name> {
  // Kept: a caller may run a function inside a tidy of its own, which must not take the state away.
  const own = (tensor: tf.Tensor): tf.Tensor => tf.keep(asFloat(tensor));
  let current: tf.Tensor[] | undefined = state.map(own);
  const shapes = state.map(({ shape }) => shape);
  const living = (): tf.Tensor[] => {
    if (current === undefined) throw new Error('The function has been disposed of.');
    return current;
  };
  const replace = (next: tf.Tensor[]) => {
    tf.dispose(living());
    current = next;
  };
  const runner = ([name, { program, inputs }]: [string, FunctionOptions]): [string, Runner] => {
    const run: Runner = (...tensors) => {
      checkShapes(tensors, inputs, 'input', `${name}: `);
      const now = living();
      const { outputs, nextState } = tf.tidy(() => {
        const { outputs, nextState = now } = program(tensors, now);
        checkNextState(nextState, now);
        return { outputs: outputs.map(asFloat), nextState: nextState.map(own) };
      });
      replace(nextState);
      return outputs;
    };
    return [name, run];
  };
  return {
    run: Object.fromEntries(Object.entries<FunctionOptions>(functions).map(runner)) as Record<Name, Runner>,
    readState: () => living().map((tensor) => tensor.clone()),
    writeState(values) {
      checkShapes(values, shapes, 'state');
      replace(values.map(own));
    },
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
