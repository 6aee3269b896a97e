import { handleOf, nativeBackend } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { toBfloat16 } from './bfloat16.ts';
import { checkShapes, type InputShape } from './check-tensors.ts';
import type { Graph } from './graph.ts';
import { type Program, type RecordedFunction, recordTogether, type SharedTensors } from './record.ts';
import { withSavedModel } from './saved-model.ts';

/** Arithmetic of convolutions, matrix products and normalisation. Everything else is f32. */
export type Precision = 'f32' | 'bf16';

/** One of several functions over the same state. */
export interface FunctionOptions {
  readonly program: Program;
  /**
   * Shape of each input; all are float32. `null` is a side of any length: the function must then take sizes from tensors
   * when it runs (`shapeOf`) and nowhere from `shape`.
   */
  readonly inputs: readonly InputShape[];
  /** Length for which a side of any length is recorded; the function must be able to compute it. Defaults to 32. */
  readonly exampleSide?: number;
}

export interface SharedOptions {
  /** Initial values of the state. They are copied: the caller keeps the tensors. */
  readonly state?: readonly tf.Tensor[];
  /** Tensors the functions close over. They are copied: the caller keeps the tensors. */
  readonly constants?: readonly tf.Tensor[];
  /** Defaults to f32. */
  readonly precision?: Precision;
}

/** One call. The outputs are float32. Caller disposes the outputs and keeps the inputs. */
export type Runner = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** Functions over a state of their own. Hold on to them: making them is dear, running them is cheap. */
export interface CompiledFunctions<Name extends string> {
  readonly run: Readonly<Record<Name, Runner>>;
  /** Copies of the state as it stands. Caller disposes. */
  readState(): tf.Tensor[];
  /** Replaces the whole state; values are copied. */
  writeState(values: readonly tf.Tensor[]): void;
  /** Frees the graph and its state. Idempotent. */
  dispose(): void;
}

/**
 * Compiles functions of plain tfjs ops over one state to one TensorFlow graph, for instance
 * `{ accumulate, apply, evaluate }`: each is recorded once, and every call is one session call, with TensorFlow's graph
 * optimiser at work. State lives in resource variables that all functions see; each assigns what it answers anew
 * (`ProgramResult.nextState`) and leaves the rest. Constants are written once, however many functions use them.
 *
 * @throws {Error} a function reads values or uses undeclared tensors (see `recordTogether`).
 */
export function compileTogether<Name extends string>(
  functions: Readonly<Record<Name, FunctionOptions>>,
  { state = [], constants = [], precision = 'f32' }: SharedOptions = {},
): CompiledFunctions<Name> {
  const options = Object.entries<FunctionOptions>(functions) as [Name, FunctionOptions][];
  const graph = recordExamples(options, { state, constants }, precision);
  const backend = nativeBackend();
  let model: number | undefined = withSavedModel(graph, (folder, tag) =>
    backend.binding.loadSavedModel(folder, tag),
  );
  const call = (
    tensors: readonly tf.Tensor[],
    names: readonly string[],
    outputs: readonly string[],
  ): tf.Tensor[] => {
    if (model === undefined) throw new Error('The compiled function has been disposed of.');
    const results = backend.binding.runSavedModel(
      model,
      tensors.map(handleOf),
      names.join(','),
      outputs.map((name) => `${name}:0`).join(','),
    );
    return results.map((result) => backend.createOutputTensor(result));
  };
  const callWithCopies: typeof call = (tensors, ...names) =>
    tf.tidy(() => call(tensors.map(copyInTensorFlow), ...names));
  const runner = ([name, { inputs }]: [Name, FunctionOptions]): [Name, Runner] => {
    const { inputNames, outputNames, fetchNames, assigns } = graph.functions[name]!;
    const callFunction = assigns ? callWithCopies : call;
    const run: Runner = (...tensors) => {
      checkShapes(tensors, inputs, 'input', `${name}: `);
      const fetched = callFunction(tensors, inputNames, fetchNames);
      tf.dispose(fetched.slice(outputNames.length));
      return fetched.slice(0, outputNames.length);
    };
    return [name, run];
  };
  const shapes = state.map(({ shape }) => shape);
  const initialNames = state.map((_, i) => `initial${i}`);
  const readNames = state.map((_, i) => `read${i}`);
  const compiled: CompiledFunctions<Name> = {
    run: Object.fromEntries(options.map(runner)) as Record<Name, Runner>,
    readState: () => (state.length === 0 ? [] : call([], [], readNames)),
    writeState(values) {
      checkShapes(values, shapes, 'state');
      if (values.length > 0) tf.dispose(callWithCopies(values, initialNames, ['initialised']));
    },
    dispose() {
      if (model !== undefined) backend.binding.deleteSavedModel(model);
      model = undefined;
    },
  };
  try {
    compiled.writeState(state);
  } catch (error) {
    compiled.dispose();
    throw error;
  }
  return compiled;
}

/**
 * A copy in memory of TensorFlow's own, for calls that assign variables. TensorFlow borrows the array that a tensor was made
 * from, and a variable keeps the memory of what it is assigned. It gives that memory back when it is assigned again, in one of
 * TensorFlow's threads; for a borrowed array the binding then calls Node-API there, which only JavaScript's thread may do, and
 * which corrupts V8's heap. Caller disposes.
 */
function copyInTensorFlow(tensor: tf.Tensor): tf.Tensor {
  return nativeBackend().executeSingleOutput('DeepCopy', [], [tensor]);
}

function recordExamples(
  options: readonly (readonly [string, FunctionOptions])[],
  shared: SharedTensors,
  precision: Precision,
): Graph {
  const functions: Record<string, RecordedFunction> = {};
  try {
    for (const [name, { program, inputs: inputShapes, exampleSide = 32 }] of options) {
      checkName(name);
      const inputs = inputShapes.map((shape) => tf.zeros(shape.map((side) => side ?? exampleSide)));
      functions[name] = { program, inputs, inputShapes };
    }
    const recorded = recordTogether(functions, shared);
    return precision === 'bf16' ? toBfloat16(recorded) : recorded;
  } finally {
    tf.dispose(Object.values(functions).flatMap(({ inputs }) => [...inputs]));
  }
}

function checkName(name: string): void {
  // It becomes part of the graph's names, which the binding takes as a list with commas.
  if (!/^[A-Za-z]\w*$/.test(name))
    throw new RangeError(`Expected a plain name for a function but received ${name}.`);
}
