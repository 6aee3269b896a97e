import { resample } from '../../engine/ops/resample.ts';
import * as tf from '../../engine/tensorflow.ts';
import { stabilityLoss } from '../../losses/stability-loss.ts';
import type { ChangeTensors } from './stability-changes.ts';

/**
 * Stability of what is painted of one photo x: the painting of the changed photo against the painting, moved as the photo was,
 *
 *   L( f(clip(g · T x + n)),  T f(x) )        L: `stabilityLoss`
 *
 * with T a known pan and zoom, g a gain and n noise. What a video does from frame to frame, of a single photo: the motion is
 * known exactly, so no optical flow has to be estimated and no film found (ReReVST: Wang et al. 2020, 'Consistent Video Style
 * Transfer via Compound Regularization'). Gradients flow through both sides.
 *
 * @param paint f. @param photo x, [1, H, W, 3]. @param painted f(x), of the same shape.
 * @param change of this photo, each tensor with a first side of 1 (`changeShapes`).
 * @returns scalar. Caller disposes.
 */
export function stabilityTerm(
  paint: (photo: tf.Tensor4D) => tf.Tensor4D,
  photo: tf.Tensor4D,
  painted: tf.Tensor4D,
  { rows, columns, inside, gain, noise }: ChangeTensors,
): tf.Scalar {
  return tf.tidy(() => {
    const [height, width] = [photo.shape[1], photo.shape[2]];
    const along = tf.reshape(rows, [height, height]) as tf.Tensor2D;
    const across = tf.reshape(columns, [width, width]) as tf.Tensor2D;
    const seen = tf.add(tf.mul(resample(photo, along, across), gain), noise);
    const again = paint(tf.clipByValue(seen, 0, 255) as tf.Tensor4D);
    return stabilityLoss(again, resample(painted, along, across), inside as tf.Tensor4D);
  });
}
