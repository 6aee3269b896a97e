import * as tf from '../engine/tensorflow.ts';
import { meanOf, type Reduction } from './reduction.ts';
import { type Term, valuedBy } from './term.ts';

/** Side of the cells, px: strokes are smaller, what lies in light or shadow is larger. */
const CELL = 8;

/**
 * How far the colours of areas are from the photo's, whatever strokes they are made of:
 *
 *   L = mean( (mean over a cell of 8×8 px of x − mean over the cell of p)² )
 *
 * @param images x, [N, H, W, C], pixels in [0, 255], H and W at least 8: the unit is squared grey levels.
 * @param photos p, of the same shape. @returns scalar; [N] of each. Caller disposes.
 */
export function toneLoss(images: tf.Tensor4D, photos: tf.Tensor4D, of: Reduction = 'all'): tf.Tensor {
  return tf.tidy(() => {
    const cells = tf.avgPool(tf.sub(images, photos) as tf.Tensor4D, CELL, CELL, 'valid');
    return meanOf(of, tf.square(cells));
  });
}

export interface ToneWeights {
  /** Defaults to 0. */
  readonly toneWeight?: number;
}

/** Where it has no weight it is 0: a picture may then be too small for it. */
export function toneTerm({ toneWeight = 0 }: ToneWeights): Term {
  return {
    name: 'tone',
    weight: toneWeight,
    layers: {},
    leastSide: CELL,
    ...valuedBy((of, picture, _maps, { photo }) => {
      if (toneWeight === 0) return tf.scalar(0);
      if (photo === undefined) throw new Error('Tone is of a picture and its photo.');
      return toneLoss(picture, photo, of);
    }),
  };
}
