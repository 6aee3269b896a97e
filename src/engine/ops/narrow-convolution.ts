import * as tf from '../tensorflow.ts';
import { depthToSpace } from './depth-to-space.ts';

/**
 * A convolution to few channels, for instance the last one of a transform net to 3: two rows and two columns of the result
 * at a time, as one convolution of stride 2 to four times the channels, with the kernel at each of the four places. A
 * quarter more arithmetic, but vector and matrix units compute 8 to 16 channels at once, and with 3 they idle.
 *
 * @param images [N, H, W, C], float32, already padded or with zeros beyond the border (`same`; K odd, for which TensorFlow
 *   pads the broader kernel by as much on each side). @param kernel [K, K, C, D]. The result's sides are even.
 * @returns [N, H − K + 1, W − K + 1, D], as `tf.conv2d(images, kernel, 1, 'valid')`, or [N, H, W, D]. Caller disposes.
 */
export function narrowConvolution(
  images: tf.Tensor4D,
  kernel: tf.Tensor4D,
  padding: 'valid' | 'same' = 'valid',
): tf.Tensor4D {
  return tf.tidy(() => {
    const places = [0, 1].flatMap((row) =>
      [0, 1].map((column) =>
        tf.pad(kernel, [
          [row, 1 - row],
          [column, 1 - column],
          [0, 0],
          [0, 0],
        ]),
      ),
    );
    return depthToSpace(tf.conv2d(images, tf.concat(places, 3), 2, padding));
  });
}
