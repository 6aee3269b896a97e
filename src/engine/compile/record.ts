import { DataType, handleOf, type NativeBackend, nativeBackend } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { type Graph, shapeProto } from './graph.ts';
import { asBytes, GraphBuilder } from './graph-builder.ts';
import { recordingBinding, undeclared } from './recording-binding.ts';

/** What a compiled function computes: from inputs and state to outputs and, if it has state, the next state. */
export interface ProgramResult {
  readonly outputs: readonly tf.Tensor[];
  /** As many tensors as there is state, in the same order. */
  readonly nextState?: readonly tf.Tensor[];
}

/** A pure function in plain tfjs ops. Its tensors are disposed of by who calls it. */
export type Program = (inputs: readonly tf.Tensor[], state: readonly tf.Tensor[]) => ProgramResult;

export interface RecordOptions {
  /** Example inputs: their values do not matter. */
  readonly inputs: readonly tf.Tensor[];
  /** The shapes that later calls may have; `null` is a side of any length. Defaults to those of the examples. */
  readonly inputShapes?: readonly (readonly (number | null)[])[];
  readonly state: readonly tf.Tensor[];
  /** Tensors the function closes over: their values are frozen into the graph. */
  readonly constants: readonly tf.Tensor[];
}

/**
 * Runs `program` once and writes down every TensorFlow op that it executes. State becomes resource variables that
 * the graph itself assigns.
 *
 * @throws {Error} the function reads a tensor's values, or uses a tensor that is neither input, state, constant nor
 * made by itself: replaying it would silently use stale values.
 */
export function record(program: Program, options: RecordOptions): Graph {
  tf.engine().startScope('record');
  try {
    return recordInScope(program, options);
  } finally {
    tf.engine().endScope();
  }
}

function recordInScope(program: Program, { constants, ...given }: RecordOptions): Graph {
  const backend = nativeBackend();
  const graph = new GraphBuilder();
  // A tensor is known by its handle, and clones share it: each input and variable gets a handle of its own.
  const [inputs, state] = [given.inputs.map(copy), given.state.map(copy)];
  inputs.forEach((tensor, i) => {
    const shape = shapeProto(given.inputShapes?.[i] ?? tensor.shape);
    const attr = { dtype: { type: DataType.FLOAT }, shape: { shape } };
    graph.bind(handleOf(tensor), graph.add('Placeholder', [], attr, [DataType.FLOAT], `input${i}`));
  });
  state.forEach((tensor, i) => {
    declareVariable(graph, tensor, i);
  });
  for (const tensor of constants) {
    const bytes = asBytes(backend.binding.tensorDataSync(handleOf(tensor)));
    graph.bind(handleOf(tensor), graph.constant(tensor.shape, dataTypeOf(tensor), bytes));
  }

  const { outputs, nextState = [] } = withRecorder(backend, graph, () => program(inputs, state));
  checkNextState(nextState, state);
  nextState.forEach((tensor, i) => {
    // The old value is read before the new one is assigned, whether or not the new one depends on it.
    graph.add(
      'AssignVariableOp',
      [`state${i}`, floatSourceOf(graph, tensor), `^read${i}`],
      { dtype: { type: DataType.FLOAT } },
      [],
      `assign${i}`,
    );
  });
  if (state.length > 0) {
    const zero = graph.constant([], DataType.FLOAT, asBytes(Float32Array.of(0)));
    graph.add(
      'Identity',
      [zero, ...state.map((_, i) => `^initialise${i}`)],
      { T: { type: DataType.FLOAT } },
      [DataType.FLOAT],
      'initialised',
    );
  }
  const done = nextState.map((_, i) => `^assign${i}`);
  const outputNames = outputs.map((tensor, i) =>
    graph.add(
      'Identity',
      [floatSourceOf(graph, tensor), ...done],
      { T: { type: DataType.FLOAT } },
      [DataType.FLOAT],
      `output${i}`,
    ),
  );
  return {
    nodes: graph.nodes,
    inputNames: inputs.map((_, i) => `input${i}`),
    outputNames,
    numState: state.length,
  };
}

const copy = (tensor: tf.Tensor): tf.Tensor => tf.mul(tensor, 1);

function declareVariable(graph: GraphBuilder, tensor: tf.Tensor, i: number): void {
  const dtype = { type: DataType.FLOAT };
  const shape = { shape: shapeProto(tensor.shape) };
  graph.add(
    'VarHandleOp',
    [],
    { dtype, shape, shared_name: { s: Buffer.from(`state${i}`) } },
    [],
    `state${i}`,
  );
  graph.bind(
    handleOf(tensor),
    graph.add('ReadVariableOp', [`state${i}`], { dtype }, [DataType.FLOAT], `read${i}`),
  );
  graph.add('Placeholder', [], { dtype, shape }, [DataType.FLOAT], `initial${i}`);
  graph.add('AssignVariableOp', [`state${i}`, `initial${i}`], { dtype }, [], `initialise${i}`);
}

/** @throws {Error} there are more or fewer next states than states, or of other shapes. */
export function checkNextState(next: readonly tf.Tensor[], state: readonly tf.Tensor[]): void {
  if (next.length !== state.length) {
    throw new Error(`The function has ${state.length} state tensors but answers ${next.length} next ones.`);
  }
  next.forEach((tensor, i) => {
    const shape = state[i]!.shape;
    if (String(tensor.shape) !== String(shape))
      throw new Error(`State ${i} is of shape [${shape}] but the next one of [${tensor.shape}].`);
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
  if (tensor.dtype === 'float32') return source;
  const attr = { SrcT: { type: dataTypeOf(tensor) }, DstT: { type: DataType.FLOAT } };
  return graph.add('Cast', [source], attr, [DataType.FLOAT]);
}

/** Runs `call` with a binding that executes every op as usual and writes it down. */
function withRecorder<T>(backend: NativeBackend, graph: GraphBuilder, call: () => T): T {
  const native = backend.binding;
  const { write, getInputTensorIds } = backend;
  const madeHere = new WeakSet<object>();
  backend.write = (values, shape, dtype) => {
    const dataId = write.call(backend, values, shape, dtype);
    madeHere.add(dataId);
    return dataId;
  };
  // tfjs uploads a tensor's values at first use: one made before the recording would slip in as a constant unnoticed.
  backend.getInputTensorIds = (tensors) => {
    for (const { dataId } of tensors) {
      if (backend.tensorMap.get(dataId).values !== null && !madeHere.has(dataId)) throw undeclared('An op');
    }
    return getInputTensorIds.call(backend, tensors);
  };
  backend.binding = recordingBinding(native, graph);
  try {
    return call();
  } finally {
    backend.binding = native;
    backend.write = write;
    backend.getInputTensorIds = getInputTensorIds;
  }
}
