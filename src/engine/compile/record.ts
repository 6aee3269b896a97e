import { DataType } from '../data-type.ts';
import { handleOf, nativeBackend } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { asBytes, type Graph, GraphBuilder, type GraphFunction, shapeProto } from './graph.ts';
import type { FlatProgram } from './program.ts';
import { withRecorder } from './recording-binding.ts';
import type { InputShape } from './tensor-record.ts';

/** A function to be recorded, with examples of its inputs. */
export interface RecordedFunction {
  readonly program: FlatProgram;
  /** Example inputs: their values do not matter. */
  readonly inputs: readonly tf.Tensor[];
  /** The shapes that later calls may have; `null` is a side of any length. Defaults to those of the examples. */
  readonly inputShapes?: readonly InputShape[];
  /** Which inputs calls give as bytes (`bytesTensor`); the program gets them as float32. Defaults to none. */
  readonly bytes?: readonly boolean[];
}

/** What all functions of a graph share. */
export interface SharedTensors {
  readonly state: readonly tf.Tensor[];
  /** Tensors the functions close over: their values are frozen into the graph, once for all functions. */
  readonly constants: readonly tf.Tensor[];
}

/** Records a single function, called `run`. See `recordTogether`. */
export function record(
  program: FlatProgram,
  { state, constants, ...rest }: Omit<RecordedFunction, 'program'> & SharedTensors,
): Graph {
  return recordTogether({ run: { program, ...rest } }, { state, constants });
}

/**
 * Calls each program once and writes down every TensorFlow op that it would run (`Symbols`). State becomes resource variables that
 * the graph itself assigns; the functions share them.
 *
 * @throws {Error} a function reads a tensor's values, or uses a tensor that is neither input, state, constant nor
 * made by itself: replaying it would silently use stale values.
 */
export function recordTogether(
  functions: Readonly<Record<string, RecordedFunction>>,
  shared: SharedTensors,
): Graph {
  return inScope(() => {
    const graph = new GraphBuilder();
    // A tensor is known by its handle, and clones share it: each input and variable gets a handle of its own.
    const state = shared.state.map(copy);
    state.forEach((tensor, i) => {
      declareVariable(graph, tensor, i);
    });
    if (state.length > 0) add(graph, 'initialised', zero(graph), names('^initialise', state));
    for (const tensor of shared.constants) declareConstant(graph, tensor);
    const recorded = Object.entries(functions).map(
      ([name, one]) => [name, inScope(() => recordFunction(graph, name, one, state))] as const,
    );
    return {
      nodes: graph.nodes,
      functions: Object.fromEntries(recorded),
      outputNames: recorded.flatMap(([, { outputNames }]) => outputNames),
      numState: state.length,
    };
  });
}

/** Disposes of every tensor made in `work`, also when it throws. */
function inScope<T>(work: () => T): T {
  tf.engine().startScope('record');
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}

function recordFunction(
  graph: GraphBuilder,
  name: string,
  { program, inputs: examples, inputShapes, bytes = [] }: RecordedFunction,
  state: readonly tf.Tensor[],
): GraphFunction {
  const inputs = examples.map(copy);
  const inputNames = inputs.map((tensor, i) => {
    const shape = shapeProto(inputShapes?.[i] ?? tensor.shape);
    const type = bytes[i] ? DataType.UINT8 : DataType.FLOAT;
    const attr = { dtype: { type }, shape: { shape } };
    const input = graph.add('Placeholder', [], attr, [type], `${name}/input${i}`);
    graph.bind(handleOf(tensor), asFloat(graph, input, type));
    return input;
  });
  const { outputs, nextState = state } = withRecorder(nativeBackend(), graph, () => program(inputs, state));
  const assigned = nextState.flatMap((tensor, i) => {
    const source = floatSourceOf(graph, tensor);
    if (source === `read${i}`) return [];
    // The old value is read before the new one is assigned, whether or not the new one depends on it.
    const dtype = { type: DataType.FLOAT };
    const operands = [`state${i}`, source, `^read${i}`];
    return [`^${graph.add('AssignVariableOp', operands, { dtype }, [], `${name}/assign${i}`)}`];
  });
  const sources = outputs.map((tensor) => floatSourceOf(graph, tensor));
  const outputNames = sources.map((source, i) => add(graph, `${name}/output${i}`, source, assigned));
  const fetchNames = outputs.length > 0 ? outputNames : [add(graph, `${name}/done`, zero(graph), assigned)];
  return { inputNames, outputNames, fetchNames, assigns: assigned.length > 0 };
}

const copy = (tensor: tf.Tensor): tf.Tensor => tf.mul(tensor, 1);
const names = (prefix: string, of: readonly unknown[]): string[] => of.map((_, i) => `${prefix}${i}`);
const zero = (graph: GraphBuilder) => graph.constant([], DataType.FLOAT, asBytes(Float32Array.of(0)));

/** `source` under a name of its own, after everything in `after`. */
function add(graph: GraphBuilder, name: string, source: string, after: readonly string[]): string {
  const attr = { T: { type: DataType.FLOAT } };
  return graph.add('Identity', [source, ...after], attr, [DataType.FLOAT], name);
}

function declareVariable(graph: GraphBuilder, tensor: tf.Tensor, i: number): void {
  const dtype = { type: DataType.FLOAT };
  const shape = { shape: shapeProto(tensor.shape) };
  const name = `state${i}`;
  graph.add('VarHandleOp', [], { dtype, shape, shared_name: { s: Buffer.from(name) } }, [], name);
  const read = graph.add('ReadVariableOp', [name], { dtype }, [DataType.FLOAT], `read${i}`);
  graph.bind(handleOf(tensor), read);
  graph.add('Placeholder', [], { dtype, shape }, [DataType.FLOAT], `initial${i}`);
  graph.add('AssignVariableOp', [name, `initial${i}`], { dtype }, [], `initialise${i}`);
}

/** Its values come into the graph only if an op reads them: a loss network has layers that no loss needs, of a hundred megabytes. */
function declareConstant(graph: GraphBuilder, tensor: tf.Tensor): void {
  const handle = handleOf(tensor);
  const { binding } = nativeBackend();
  graph.bindLater(handle, () => {
    // The binding answers an array of its own: no second copy is wanted.
    const { buffer, byteOffset, byteLength } = binding.tensorDataSync(handle);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return graph.constant(tensor.shape, dataTypeOf(tensor), bytes);
  });
}

function dataTypeOf({ dtype }: tf.Tensor): number {
  const types: Partial<Record<tf.DataType, number>> = {
    float32: DataType.FLOAT,
    int32: DataType.INT32,
    bool: DataType.BOOL,
  };
  const type = types[dtype];
  if (type === undefined) throw new Error(`A constant of type ${dtype} cannot be compiled.`);
  return type;
}

/** Where a tensor that the function answers comes from, cast to float32 where it is of another type. */
function floatSourceOf(graph: GraphBuilder, tensor: tf.Tensor): string {
  const source = graph.sourceOf(handleOf(tensor));
  if (source === undefined) throw new Error('The function answers a tensor that it did not compute.');
  return asFloat(graph, source, dataTypeOf(tensor));
}

function asFloat(graph: GraphBuilder, source: string, type: number): string {
  if (type === DataType.FLOAT) return source;
  const attr = { SrcT: { type }, DstT: { type: DataType.FLOAT } };
  return graph.add('Cast', [source], attr, [DataType.FLOAT]);
}
