import * as tf from '../engine/tensorflow.ts';
import type { Term } from './term.ts';

/**
 * How far a picture leaves the pixels that a file can hold, which are clipped when it is written:
 *
 *   L = mean( max(0, −x)² + max(0, x − 255)² )
 *
 * @param images [N, H, W, C]: the unit is squared grey levels. @returns scalar. Caller disposes.
 */
export function rangeLoss(images: tf.Tensor4D): tf.Scalar {
  return tf.tidy(() => {
    const beyond = tf.sub(images, tf.clipByValue(images, 0, 255));
    return tf.mean(tf.square(beyond)) as tf.Scalar;
  });
}

export interface RangeWeights {
  /** Defaults to 0. */
  readonly rangeWeight?: number;
}

export function rangeTerm({ rangeWeight = 0 }: RangeWeights): Term {
  return {
    name: 'range',
    weight: rangeWeight,
    layers: {},
    value: (picture) => (rangeWeight > 0 ? rangeLoss(picture) : tf.scalar(0)),
  };
}
