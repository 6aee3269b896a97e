import type * as tf from '../tensorflow.ts';
import { type CompiledFunction, compile } from './compile.ts';
import type { Program } from './program.ts';
import { leavesOf, type NoTensors, shapesOf, type TensorRecord } from './tensor-record.ts';

/** A function that is compiled when it is called. */
export type CompiledAsCalled<Inputs extends TensorRecord, Outputs extends TensorRecord> = Pick<
  CompiledFunction<Inputs, Outputs>,
  'run' | 'dispose'
>;

/**
 * Compiles a function for the shapes of the inputs that it is called with, and again when they are others: for programs that take
 * sizes from `shape`, whose inputs mostly have one size. Of a loss network a graph takes well under half the time that its ops
 * take one by one, since TensorFlow lays out the kernels of its convolutions for the processor only where they are constants.
 *
 * @param program without state. @param constants tensors that it closes over: the caller's, to be kept until the last call.
 */
export function compileAsCalled<Inputs extends TensorRecord, Outputs extends TensorRecord>(
  program: Program<Inputs, Outputs, NoTensors>,
  constants: readonly tf.Tensor[],
): CompiledAsCalled<Inputs, Outputs> {
  let last: { readonly called: string; readonly compiled: CompiledFunction<Inputs, Outputs> } | undefined;
  const dispose = () => {
    last?.compiled.dispose();
    last = undefined;
  };
  return {
    run(inputs) {
      const called = leavesOf<tf.Tensor>(inputs)
        .map(([path, { shape }]) => `${path} ${shape}`)
        .join();
      if (last?.called !== called) {
        dispose();
        last = { called, compiled: compile(program, { inputs: shapesOf(inputs), constants }) };
      }
      return last.compiled.run(inputs);
    },
    dispose,
  };
}

/** Runs a program as a graph that is not kept. Caller disposes the outputs and keeps the inputs. */
export function runOnce<Inputs extends TensorRecord, Outputs extends TensorRecord>(
  program: Program<Inputs, Outputs, NoTensors>,
  constants: readonly tf.Tensor[],
  inputs: Inputs,
): Outputs {
  const compiled = compileAsCalled(program, constants);
  try {
    return compiled.run(inputs);
  } finally {
    compiled.dispose();
  }
}
