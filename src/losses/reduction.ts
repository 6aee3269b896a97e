import * as tf from '../engine/tensorflow.ts';

/** What a loss is of: of all that it is given, a scalar; or of each picture by itself, [N]. */
export type Reduction = 'all' | 'each';

/** Σ over all values, or over those of each picture. @param values [N, …]. Caller disposes. */
export function sumOf(of: Reduction, values: tf.Tensor): tf.Tensor {
  return of === 'all' ? tf.sum(values) : tf.sum(values, axesOfPicture(values));
}

/** `sumOf` divided by the number of values that it is of. Caller disposes. */
export function meanOf(of: Reduction, values: tf.Tensor): tf.Tensor {
  return of === 'all' ? tf.mean(values) : tf.mean(values, axesOfPicture(values));
}

const axesOfPicture = ({ rank }: tf.Tensor): number[] => Array.from({ length: rank - 1 }, (_, i) => i + 1);
