import type * as tf from '../tensorflow.ts';
import {
  checkedNextState,
  listOf,
  mapRecord,
  type Nested,
  type NoTensors,
  recordOf,
  type TensorRecord,
} from './tensor-record.ts';

/** What a compiled function computes: from inputs and state to outputs and the next state. */
export interface ProgramResult<Outputs extends TensorRecord, State extends TensorRecord = NoTensors> {
  readonly outputs: Outputs;
  /**
   * Has the names of the state; a state tensor answered as it came is not assigned. Left away, the function leaves the
   * whole state as it is.
   */
  readonly nextState?: State | undefined;
}

/** A pure function in plain tfjs ops. Its tensors are disposed of by who calls it. */
export type Program<
  Inputs extends TensorRecord,
  Outputs extends TensorRecord,
  State extends TensorRecord = NoTensors,
> = (inputs: Inputs, state: State) => ProgramResult<Outputs, State>;

/** A program's result as lists: the outputs, and as many tensors as there is state, in the same order. */
export interface FlatResult {
  readonly outputs: readonly tf.Tensor[];
  readonly nextState?: readonly tf.Tensor[];
}

/** A program as TensorFlow's graphs know one: of lists. */
export type FlatProgram = (inputs: readonly tf.Tensor[], state: readonly tf.Tensor[]) => FlatResult;

/** A program over lists, and what brings its outputs back to records. */
export interface FlattenedProgram<Outputs extends TensorRecord> {
  readonly program: FlatProgram;
  /** The outputs by their names. The program must have run once. */
  named(outputs: readonly tf.Tensor[]): Outputs;
}

/**
 * A program over records as one over lists, in the order of the names of `inputs` and `state`.
 *
 * @param inputs has the inputs' names (their shapes, say). @param state the state's.
 */
export function flattened<
  Inputs extends TensorRecord,
  Outputs extends TensorRecord,
  State extends TensorRecord,
>(
  program: Program<Inputs, Outputs, State>,
  inputs: Nested<unknown>,
  state: State,
): FlattenedProgram<Outputs> {
  let like: Nested<true> = {};
  return {
    program(given, states) {
      const { outputs, nextState } = program(
        recordOf(given, inputs) as Inputs,
        recordOf(states, state) as State,
      );
      like = mapRecord(outputs, () => true);
      return {
        outputs: listOf(outputs),
        ...(nextState !== undefined && { nextState: checkedNextState(nextState, state) }),
      };
    },
    named: (outputs) => recordOf(outputs, like) as Outputs,
  };
}
