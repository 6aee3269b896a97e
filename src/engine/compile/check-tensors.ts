import type * as tf from '../tensorflow.ts';

/** Sides of a tensor; `null` is one of any length. */
export type InputShape = readonly (number | null)[];

/** @param where what comes first in the message. @throws {RangeError} there are more or fewer tensors, or of other shapes. */
export function checkShapes(
  tensors: readonly tf.Tensor[],
  shapes: readonly InputShape[],
  what: 'input' | 'state',
  where = '',
): void {
  if (tensors.length !== shapes.length)
    throw new RangeError(`${where}Expected ${shapes.length} ${what} tensors but received ${tensors.length}.`);
  tensors.forEach((tensor, i) => {
    const shape = shapes[i] ?? [];
    const fits =
      tensor.shape.length === shape.length &&
      shape.every((side, j) => side === null || side === tensor.shape[j]);
    if (!fits) {
      const shown = shape.map((side) => side ?? 'any');
      throw new RangeError(
        `${where}Expected ${what} ${i} of shape [${shown}] but received [${tensor.shape}].`,
      );
    }
  });
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
