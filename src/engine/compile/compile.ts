import { handleOf, nativeBackend } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { toBfloat16 } from './bfloat16.ts';
import { checkNextState, type Program, record } from './record.ts';
import { withSavedModel } from './saved-model.ts';

export type { Program, ProgramResult } from './record.ts';

/** Arithmetic of convolutions, matrix products and normalisation. Everything else is f32. */
export type Precision = 'f32' | 'bf16';

/** Sides of a tensor; `null` is one of any length. */
export type InputShape = readonly (number | null)[];

export interface CompileOptions {
  /**
   * Shape of each input; all are float32. `null` is a side of any length: the function must then take sizes from tensors
   * when it runs (`shapeOf`) and nowhere from `shape`.
   */
  readonly inputs: readonly InputShape[];
  /** Length for which a side of any length is recorded; the function must be able to compute it. Defaults to 32. */
  readonly exampleSide?: number;
  /** Initial values of the state. They are copied: the caller keeps the tensors. */
  readonly state?: readonly tf.Tensor[];
  /** Tensors the function closes over. They are copied: the caller keeps the tensors. */
  readonly constants?: readonly tf.Tensor[];
  /** Defaults to f32. */
  readonly precision?: Precision;
}

/** A function with state of its own. Hold on to it: making it is dear, running it is cheap. */
export interface CompiledFunction {
  /** One call. The outputs are float32. Caller disposes the outputs and keeps the inputs. */
  run(...inputs: tf.Tensor[]): tf.Tensor[];
  /** Copies of the state as it stands. Caller disposes. */
  readState(): tf.Tensor[];
  /** Replaces the whole state; values are copied. */
  writeState(values: readonly tf.Tensor[]): void;
  /** Frees the graph and its state. Idempotent. */
  dispose(): void;
}

/**
 * Compiles a function of plain tfjs ops to a TensorFlow graph: one recorded run, then every call is one session call,
 * with TensorFlow's graph optimiser at work and state kept in resource variables.
 *
 * @throws {Error} the function reads values or uses undeclared tensors (see `record`).
 */
export function compile(
  program: Program,
  { inputs, exampleSide = 32, state = [], constants = [], precision = 'f32' }: CompileOptions,
): CompiledFunction {
  const examples = inputs.map((shape) => tf.zeros(shape.map((side) => side ?? exampleSide)));
  const graph = withDisposal(examples, () => {
    const recorded = record(program, { inputs: examples, inputShapes: inputs, state, constants });
    return precision === 'bf16' ? toBfloat16(recorded) : recorded;
  });
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
  const initialNames = state.map((_, i) => `initial${i}`);
  const readNames = state.map((_, i) => `read${i}`);
  const compiled: CompiledFunction = {
    run(...tensors) {
      checkShapes(tensors, inputs, 'input');
      return call(tensors, graph.inputNames, graph.outputNames);
    },
    readState: () => (state.length === 0 ? [] : call([], [], readNames)),
    writeState(values) {
      checkShapes(
        values,
        state.map(({ shape }) => shape),
        'state',
      );
      if (values.length > 0) tf.dispose(call(values, initialNames, ['initialised']));
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

/** The same function run op by op, without a graph: slower, but every tensor can be looked at. The reference of the tests. */
export function interpret(program: Program, { inputs, state = [] }: CompileOptions): CompiledFunction {
  // Kept: a caller may run the function inside a tidy of its own, which must not take the state away.
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
  return {
    run(...tensors) {
      checkShapes(tensors, inputs, 'input');
      const now = living();
      const { outputs, nextState } = tf.tidy(() => {
        const { outputs, nextState = [] } = program(tensors, now);
        checkNextState(nextState, now);
        return { outputs: outputs.map(asFloat), nextState: nextState.map(own) };
      });
      if (now.length > 0) replace(nextState);
      return outputs;
    },
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

function withDisposal<T>(tensors: readonly tf.Tensor[], work: () => T): T {
  try {
    return work();
  } finally {
    tf.dispose([...tensors]);
  }
}

function checkShapes(tensors: readonly tf.Tensor[], shapes: readonly InputShape[], what: string): void {
  if (tensors.length !== shapes.length)
    throw new RangeError(`Expected ${shapes.length} ${what} tensors but received ${tensors.length}.`);
  tensors.forEach((tensor, i) => {
    const shape = shapes[i] ?? [];
    const fits =
      tensor.shape.length === shape.length &&
      shape.every((side, j) => side === null || side === tensor.shape[j]);
    if (!fits) {
      const shown = shape.map((side) => side ?? 'any');
      throw new RangeError(`Expected ${what} ${i} of shape [${shown}] but received [${tensor.shape}].`);
    }
  });
}
