import { resample } from '../../engine/ops/resample.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { NextMoment } from '../../losses/term.ts';
import type { ChangeTensors } from './stability-changes.ts';

/**
 * What a film would show of a photo x a moment later, painted: f(clip(g · T x + n)) with T a known pan and zoom, g a gain and
 * n noise.
 *
 * @param paint f. @param photo x, [1, H, W, 3]. @param change of this photo, each tensor with a first side of 1
 *   (`changeShapes`). Caller disposes.
 */
export function nextMoment(
  paint: (photo: tf.Tensor4D) => tf.Tensor4D,
  photo: tf.Tensor4D,
  change: ChangeTensors,
): NextMoment {
  return tf.tidy(() => {
    const [height, width] = [photo.shape[1], photo.shape[2]];
    const rows = tf.reshape(change.rows, [height, height]) as tf.Tensor2D;
    const columns = tf.reshape(change.columns, [width, width]) as tf.Tensor2D;
    const seen = tf.add(tf.mul(resample(photo, rows, columns), change.gain), change.noise);
    const painted = paint(tf.clipByValue(seen, 0, 255) as tf.Tensor4D);
    return { painted, rows, columns, inside: change.inside.clone() as tf.Tensor4D };
  });
}
