import type * as tf from '../tensorflow.ts';
import {
  type CompiledFunctions,
  compileTogether,
  type FunctionOptions,
  type Runner,
  type SharedOptions,
} from './compile-together.ts';
import { interpretTogether } from './interpret-together.ts';
import type { Program } from './record.ts';

export type { InputShape } from './check-tensors.ts';
export type { Precision } from './compile-together.ts';
export type { Program, ProgramResult } from './record.ts';

export type CompileOptions = Omit<FunctionOptions, 'program'> & SharedOptions;

/** A function with state of its own. Hold on to it: making it is dear, running it is cheap. */
export interface CompiledFunction extends Omit<CompiledFunctions<'run'>, 'run'> {
  /** One call. The outputs are float32. Caller disposes the outputs and keeps the inputs. */
  run(...inputs: tf.Tensor[]): tf.Tensor[];
}

/**
 * Compiles a function of plain tfjs ops to a TensorFlow graph: one recorded run, then every call is one session call.
 * It must answer its whole next state; several functions over one state are `compileTogether`'s.
 *
 * @throws {Error} the function reads values or uses undeclared tensors (see `recordTogether`).
 */
export function compile(program: Program, options: CompileOptions): CompiledFunction {
  return alone(compileTogether(asOnly(program, options), options));
}

/** The same function run op by op, without a graph: slower, but every tensor can be looked at. The reference of the tests. */
export function interpret(program: Program, options: CompileOptions): CompiledFunction {
  return alone(interpretTogether(asOnly(program, options), options));
}

/** A state that the only function leaves as it is would be a mistake: left away, it counts as too short. */
function asOnly(program: Program, { inputs, exampleSide = 32 }: CompileOptions): { run: FunctionOptions } {
  const whole: Program = (given, state) => {
    const { outputs, nextState = [] } = program(given, state);
    return { outputs, nextState };
  };
  return { run: { program: whole, inputs, exampleSide } };
}

function alone({ run, ...rest }: CompiledFunctions<'run'>): CompiledFunction {
  const only: Runner = run.run;
  return { ...rest, run: only };
}
