import * as tf from '../tensorflow.ts';
import type { Program } from './program.ts';
import { listOf, mapRecord, type Nested, type TensorRecord } from './tensor-record.ts';

/** A program that answers one tensor, and what brings that back to names. */
export interface PackedProgram<Inputs extends TensorRecord, State extends TensorRecord> {
  readonly program: Program<Inputs, PackedOutputs, State>;
  /**
   * The numbers of each output by its name; the tensor is disposed of. The program must have run once.
   */
  read(outputs: PackedOutputs): Nested<Float32Array>;
}

export type PackedOutputs = { readonly packed?: tf.Tensor };

/**
 * A program whose outputs lie end to end in one tensor. What a call answers is copied from the device to JavaScript, a wait
 * each: for a dozen scalars it is then one.
 */
export function packOutputs<Inputs extends TensorRecord, State extends TensorRecord>(
  program: Program<Inputs, TensorRecord, State>,
): PackedProgram<Inputs, State> {
  let sizes: Nested<number> = {};
  return {
    program(inputs, state) {
      const { outputs, nextState } = program(inputs, state);
      sizes = mapRecord(outputs, ({ size }: tf.Tensor) => size);
      const rows = listOf<tf.Tensor>(outputs).map((output) => tf.reshape(output, [-1]));
      return { outputs: rows.length === 0 ? {} : { packed: tf.concat(rows) }, nextState };
    },
    read({ packed }) {
      const values = (packed?.dataSync() ?? new Float32Array()) as Float32Array;
      packed?.dispose();
      let at = 0;
      return mapRecord(sizes, (size: number) => {
        at += size;
        return values.slice(at - size, at);
      });
    },
  };
}
