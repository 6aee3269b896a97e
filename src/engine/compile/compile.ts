import {
  type CompiledFunctions,
  compileTogether,
  type FunctionOptions,
  interpretTogether,
  type SharedOptions,
} from './compile-together.ts';
import type { Program } from './program.ts';
import type { NoTensors, TensorRecord } from './tensor-record.ts';

export type { Precision } from './compile-together.ts';
export type { Program, ProgramResult } from './program.ts';
export type { InputShape } from './tensor-record.ts';
export {
  joinRecords,
  mapRecord,
  type Nested,
  type NoTensors,
  numbered,
  type ShapesOf,
  shapesOf,
  type TensorRecord,
} from './tensor-record.ts';

export type CompileOptions<Inputs extends TensorRecord, State extends TensorRecord = NoTensors> = Omit<
  FunctionOptions<Inputs, TensorRecord, State>,
  'program'
> &
  SharedOptions<State>;

/** A function with state of its own. Hold on to it: making it is dear, running it is cheap. */
export interface CompiledFunction<
  Inputs extends TensorRecord,
  Outputs extends TensorRecord,
  State extends TensorRecord = NoTensors,
> extends Omit<CompiledFunctions<never, State>, 'run'> {
  /** One call. The outputs are float32. Caller disposes the outputs and keeps the inputs. */
  run(inputs: Inputs): Outputs;
}

/**
 * Compiles a function of plain tfjs ops to a TensorFlow graph: one recorded run, then every call is one session call.
 * It must answer its whole next state; several functions over one state are `compileTogether`'s. Inputs, outputs and state
 * are records of tensors; types of the inputs are those of the program's parameters.
 *
 * @throws {Error} the function reads values or uses undeclared tensors (see `recordTogether`).
 */
export function compile<
  Inputs extends TensorRecord,
  Outputs extends TensorRecord,
  State extends TensorRecord = NoTensors,
>(
  program: Program<Inputs, Outputs, State>,
  options: CompileOptions<Inputs, State>,
): CompiledFunction<Inputs, Outputs, State> {
  const only = { run: asOnly(program, options) };
  return alone(compileTogether<{ run: { inputs: Inputs; outputs: Outputs } }, State>(only, options));
}

/** The same function run op by op, without a graph: slower, but every tensor can be looked at. The reference of the tests. */
export function interpret<
  Inputs extends TensorRecord,
  Outputs extends TensorRecord,
  State extends TensorRecord = NoTensors,
>(
  program: Program<Inputs, Outputs, State>,
  options: CompileOptions<Inputs, State>,
): CompiledFunction<Inputs, Outputs, State> {
  const only = { run: asOnly(program, options) };
  return alone(interpretTogether<{ run: { inputs: Inputs; outputs: Outputs } }, State>(only, options));
}

/** A state that the only function leaves as it is would be a mistake: left away, it is missing. */
function asOnly<Inputs extends TensorRecord, Outputs extends TensorRecord, State extends TensorRecord>(
  program: Program<Inputs, Outputs, State>,
  { inputs, exampleSide = 32, bytes = [] }: CompileOptions<Inputs, State>,
): FunctionOptions<Inputs, Outputs, State> {
  const whole: Program<Inputs, Outputs, State> = (given, state) => {
    const { outputs, nextState = {} as State } = program(given, state);
    return { outputs, nextState };
  };
  return { program: whole, inputs, exampleSide, bytes };
}

function alone<Inputs extends TensorRecord, Outputs extends TensorRecord, State extends TensorRecord>({
  run,
  ...rest
}: CompiledFunctions<{ run: { inputs: Inputs; outputs: Outputs } }, State>): CompiledFunction<
  Inputs,
  Outputs,
  State
> {
  return { ...rest, run: run.run as (inputs: Inputs) => Outputs };
}
