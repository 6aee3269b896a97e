import { withinDeviceMemory } from '../device-memory.ts';
import { handleOf, nativeBackend } from '../native-backend.ts';
import { areBytes, bytesAsFloats } from '../ops/bytes.ts';
import * as tf from '../tensorflow.ts';
import { toBfloat16 } from './bfloat16.ts';
import type { Graph } from './graph.ts';
import { type FlattenedProgram, flattened, type Program } from './program.ts';
import { type RecordedFunction, recordTogether, type SharedTensors } from './record.ts';
import { withSavedModel } from './saved-model.ts';
import {
  checkedTensors,
  type InputShape,
  leavesOf,
  listOf,
  type NoTensors,
  recordOf,
  type ShapesOf,
  shapesOf,
  type TensorRecord,
} from './tensor-record.ts';

/** Arithmetic of convolutions, matrix products and normalisation. Everything else is f32. */
export type Precision = 'f32' | 'bf16';

/** One of several functions over the same state. */
export interface FunctionOptions<
  Inputs extends TensorRecord,
  Outputs extends TensorRecord,
  State extends TensorRecord,
> {
  readonly program: Program<Inputs, Outputs, State>;
  /**
   * Shape of each input; all are float32. `null` is a side of any length: the function must then take sizes from tensors
   * when it runs (`shapeOf`) and nowhere from `shape`.
   */
  readonly inputs: ShapesOf<Inputs>;
  /** Inputs that calls give as bytes (`bytesTensor`), by name (`photos`, `given/photos`); the program gets them as float32. Defaults to none. */
  readonly bytes?: readonly string[];
  /** Length for which a side of any length is recorded; the function must take pictures of it. Defaults to 32. */
  readonly exampleSide?: number;
}

/** What each of several functions takes and answers. */
export type Signatures = {
  readonly [name: string]: { readonly inputs: TensorRecord; readonly outputs: TensorRecord } | undefined;
};
type InputsOf<Signature> = Signature extends { readonly inputs: infer Inputs extends TensorRecord }
  ? Inputs
  : never;
type OutputsOf<Signature> = Signature extends { readonly outputs: infer Outputs extends TensorRecord }
  ? Outputs
  : never;

/** One of them, whatever it takes and answers. */
export type AnyFunction<State extends TensorRecord> = FunctionOptions<TensorRecord, TensorRecord, State>;

export type FunctionsOf<Functions extends Signatures, State extends TensorRecord> = {
  readonly [Name in keyof Functions]: FunctionOptions<
    InputsOf<Functions[Name]>,
    OutputsOf<Functions[Name]>,
    State
  >;
};

export interface SharedOptions<State extends TensorRecord = NoTensors> {
  /** Initial values of the state. They are copied: the caller keeps the tensors. */
  readonly state?: State;
  /** Tensors the functions close over. They are copied: the caller keeps the tensors. */
  readonly constants?: readonly tf.Tensor[];
  /** Defaults to f32. */
  readonly precision?: Precision;
}

/** Functions over a state of their own. Hold on to them: making them is dear, running them is cheap. */
export interface CompiledFunctions<Functions extends Signatures, State extends TensorRecord = NoTensors> {
  /** Each is one call. The outputs are float32. Caller disposes the outputs and keeps the inputs. */
  readonly run: {
    readonly [Name in keyof Functions]: (inputs: InputsOf<Functions[Name]>) => OutputsOf<Functions[Name]>;
  };
  /** Copies of the state as it is. Caller disposes. */
  readState(): State;
  /** Replaces the whole state; values are copied. */
  writeState(values: State): void;
  /** Frees the graph and its state. Idempotent. */
  dispose(): void;
}

/**
 * Compiles functions of plain tfjs ops over one state to one TensorFlow graph, for instance
 * `{ accumulate, apply, evaluate }`: each is recorded once, and every call is one session call, with TensorFlow's graph
 * optimiser running. State lives in resource variables that all functions see; each assigns what it answers again
 * (`ProgramResult.nextState`) and leaves the rest. Constants are written once, however many functions use them.
 *
 * @throws {Error} a function reads values or uses undeclared tensors (see `recordTogether`).
 */
export function compileTogether<Functions extends Signatures, State extends TensorRecord = NoTensors>(
  functions: FunctionsOf<Functions, State>,
  { state = {} as State, constants = [], precision = 'f32' }: SharedOptions<State> = {},
): CompiledFunctions<Functions, State> {
  const options = asAny(functions);
  const flat = mapValues(options, ({ program, inputs }) => flattened(program, inputs, state));
  const shared = { state: listOf(state), constants };
  const graph = withinDeviceMemory(() => recordExamples(options, flat, shared, precision));
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
    const loaded = model;
    const results = withinDeviceMemory(() =>
      backend.binding.runSavedModel(
        loaded,
        tensors.map(handleOf),
        names.join(','),
        outputs.map((name) => `${name}:0`).join(','),
      ),
    );
    return results.map((result) => backend.createOutputTensor(result));
  };
  const callWithCopies: typeof call = (tensors, ...names) =>
    tf.tidy(() => call(tensors.map(copyInTensorFlow), ...names));
  const runner = (one: AnyFunction<State>, name: string) => {
    const { inputNames, outputNames, fetchNames, assigns } = graph.functions[name]!;
    const callFunction = assigns ? callWithCopies : call;
    const check = inputCheck(one, name);
    return (given: TensorRecord): TensorRecord => {
      const tensors = check(given);
      const fetched = callFunction(tensors, inputNames, fetchNames);
      tf.dispose(fetched.slice(outputNames.length));
      return flat[name]!.named(fetched.slice(0, outputNames.length));
    };
  };
  const shapes = shapesOf(state);
  const members = listOf(shapes);
  const initialNames = members.map((_, i) => `initial${i}`);
  const readNames = members.map((_, i) => `read${i}`);
  const compiled: CompiledFunctions<Functions, State> = {
    run: mapValues(options, runner) as unknown as CompiledFunctions<Functions, State>['run'],
    readState: () => recordOf(members.length === 0 ? [] : call([], [], readNames), state) as State,
    writeState(values) {
      const tensors = checkedTensors(values, shapes, 'state');
      if (tensors.length > 0) tf.dispose(callWithCopies(tensors, initialNames, ['initialised']));
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

/** The functions without what TypeScript knows of each: from here on they are distinguished by name alone. */
export function asAny<Functions extends Signatures, State extends TensorRecord>(
  functions: FunctionsOf<Functions, State>,
): Readonly<Record<string, AnyFunction<State>>> {
  return functions as unknown as Readonly<Record<string, AnyFunction<State>>>;
}

export function mapValues<From, To>(
  of: Readonly<Record<string, From>>,
  make: (value: From, name: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value, name)]));
}

/**
 * A copy in memory of TensorFlow's own, for calls that assign variables. TensorFlow borrows the array that a tensor was made
 * from, and a variable keeps the memory of what it is assigned. It gives that memory back when it is assigned again, in one of
 * TensorFlow's threads; for a borrowed array the binding then calls Node-API there, which only JavaScript's thread may do, and
 * which corrupts V8's heap. Caller disposes.
 */
function copyInTensorFlow(tensor: tf.Tensor): tf.Tensor {
  // A variable never gets these, but what they are cast to.
  if (areBytes(tensor)) return tensor;
  return nativeBackend().executeSingleOutput('DeepCopy', [], [tensor]);
}

function recordExamples(
  functions: Readonly<Record<string, Pick<AnyFunction<TensorRecord>, 'inputs' | 'exampleSide' | 'bytes'>>>,
  flat: Readonly<Record<string, FlattenedProgram<TensorRecord>>>,
  shared: SharedTensors,
  precision: Precision,
): Graph {
  const examples: Record<string, RecordedFunction> = {};
  try {
    for (const [name, { inputs, exampleSide = 32, bytes = [] }] of Object.entries(functions)) {
      checkName(name);
      const inputShapes = listOf<InputShape>(inputs);
      examples[name] = {
        program: flat[name]!.program,
        inputs: inputShapes.map((shape) => tf.zeros(shape.map((side) => side ?? exampleSide))),
        inputShapes,
        bytes: whichAreBytes({ inputs, bytes }),
      };
    }
    const recorded = recordTogether(examples, shared);
    return precision === 'bf16' ? toBfloat16(recorded) : recorded;
  } finally {
    tf.dispose(Object.values(examples).flatMap(({ inputs }) => [...inputs]));
  }
}

type Inputs = Pick<AnyFunction<TensorRecord>, 'inputs' | 'bytes'>;

/** @throws {RangeError} one of them is no input. */
function whichAreBytes({ inputs, bytes = [] }: Inputs): readonly boolean[] {
  const paths = leavesOf<InputShape>(inputs).map(([path]) => path);
  const unknown = bytes.find((path) => !paths.includes(path));
  if (unknown !== undefined) throw new RangeError(`Expected an input as bytes but ${unknown} is none.`);
  return paths.map((path) => bytes.includes(path));
}

/**
 * What makes a list of the inputs of a call.
 *
 * @throws {RangeError} when called: one is missing, not wanted, of another shape, or not bytes where these are taken, or the other way
 *   round.
 */
function inputCheck(one: Inputs, name: string): (given: TensorRecord) => tf.Tensor[] {
  const paths = leavesOf<InputShape>(one.inputs).map(([path]) => path);
  const bytes = whichAreBytes(one);
  const called = (are: boolean | undefined) => (are ? 'bytes' : 'floats');
  return (given) => {
    const tensors = checkedTensors(given, one.inputs, 'input', `${name}: `);
    const odd = tensors.findIndex((tensor, i) => areBytes(tensor) !== bytes[i]);
    if (odd === -1) return tensors;
    const [wanted, found] = [called(bytes[odd]), called(!bytes[odd])];
    throw new RangeError(`${name}: Expected input ${paths[odd]} as ${wanted} but received ${found}.`);
  };
}

function checkName(name: string): void {
  // It becomes part of the graph's names, which the binding takes as a list with commas.
  if (!/^[A-Za-z]\w*$/.test(name))
    throw new RangeError(`Expected a plain name for a function but received ${name}.`);
}

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
  const runner = (one: AnyFunction<State>, name: string) => {
    const flat = flattened(one.program, one.inputs, state);
    const check = inputCheck(one, name);
    return (given: TensorRecord): TensorRecord => {
      const tensors = check(given);
      const now = living();
      const { outputs, nextState } = tf.tidy(() => {
        const floats = tensors.map((tensor) => (areBytes(tensor) ? bytesAsFloats(tensor) : tensor));
        const { outputs, nextState = now } = flat.program(floats, now);
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
