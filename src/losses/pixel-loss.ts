import * as tf from '../engine/tensorflow.ts';
import type { Term } from './term.ts';

/**
 * Pixel loss: the mean squared difference of pixels, in [0, 1], to the photo's. Copying: the first warm-up of optimisation.
 *
 * @param picture [1, H, W, C], in [0, 255]. @param photo of the same shape. @returns scalar. Caller disposes.
 */
export function pixelLoss(picture: tf.Tensor4D, photo: tf.Tensor4D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.square(tf.div(tf.sub(picture, photo), 255))) as tf.Scalar);
}

export interface PixelWeights {
  /** Without it, as in training, the term is left out. */
  readonly pixelWeight?: number;
}

export function pixelTerms({ pixelWeight }: PixelWeights): Term[] {
  if (pixelWeight === undefined) return [];
  return [
    {
      name: 'pixels',
      weight: pixelWeight,
      layers: {},
      value(picture, _maps, { photo }) {
        if (photo === undefined) throw new Error('The pixel loss is of a picture and its photo.');
        return pixelLoss(picture, photo);
      },
    },
  ];
}
