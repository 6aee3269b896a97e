import type * as tf from '../tensorflow.ts';
import { inOrderOf, leavesOf, type Nested, type TensorRecord } from './tensor-record.ts';

/** Sides of a tensor; `null` is one of any length. */
export type InputShape = readonly (number | null)[];

/**
 * Tensors as a list in the order of their shapes.
 *
 * @param where what comes first in the message. @throws {RangeError} one is missing, not wanted, or of another shape.
 */
export function checkedTensors(
  tensors: TensorRecord,
  shapes: Nested<InputShape>,
  what: 'input' | 'state',
  where = '',
): tf.Tensor[] {
  const list = inOrderOf(shapes, tensors, what, where);
  leavesOf(shapes).forEach(([path, shape], i) => {
    const { shape: given } = list[i]!;
    const fits =
      given.length === shape.length && shape.every((side, j) => side === null || side === given[j]);
    if (!fits) {
      const shown = shape.map((side) => side ?? 'any');
      throw new RangeError(`${where}Expected ${what} ${path} of shape [${shown}] but received [${given}].`);
    }
  });
  return list;
}

/**
 * The next state as a list in the order of the state.
 *
 * @throws {RangeError} a name is missing or not the state's. {Error} one is of another shape.
 */
export function checkedNextState<State extends TensorRecord>(next: State, state: State): tf.Tensor[] {
  const list = inOrderOf(state, next, 'next state');
  leavesOf<tf.Tensor>(state).forEach(([path, { shape }], i) => {
    const { shape: given } = list[i]!;
    if (String(given) !== String(shape))
      throw new Error(`State ${path} is of shape [${shape}] but the next one of [${given}].`);
  });
  return list;
}
