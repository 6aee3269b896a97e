/** Ops on tensors of types that tfjs does not know, halves and bytes: they are called by TensorFlow's numbers for them. */
import { handleOf, nativeBackend, type OpAttribute, typeAttribute } from '../native-backend.ts';
import type * as tf from '../tensorflow.ts';

/** An op, its attributes, and what it reads besides what the step before answers. */
type Step = readonly [op: string, attributes: OpAttribute[], others?: readonly tf.Tensor[]];

/** Ops one after the other, of which only the last answers a type that tfjs knows. Caller disposes. */
export function inSteps(x: tf.Tensor, steps: readonly Step[]): tf.Tensor {
  const backend = nativeBackend();
  const between: number[] = [];
  try {
    let handle = handleOf(x);
    for (const [i, [op, attributes, others = []]] of steps.entries()) {
      const [result] = backend.binding.executeOp(op, attributes, [handle, ...others.map(handleOf)], 1);
      if (i === steps.length - 1) return backend.createOutputTensor(result!);
      handle = result!.id;
      between.push(handle);
    }
    throw new Error('There are no steps.');
  } finally {
    for (const handle of between) backend.binding.deleteTensor(handle);
  }
}

/** Attributes of a cast from one type to another (`DataType`). */
export const castAttributes = (from: number, to: number): OpAttribute[] => [
  typeAttribute('SrcT', from),
  typeAttribute('DstT', to),
];
