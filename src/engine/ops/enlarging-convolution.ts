import * as tf from '../tensorflow.ts';
import { depthToSpace } from './depth-to-space.ts';
import { ENLARGEMENT } from './enlargement.ts';
import { padBorder } from './pad-border.ts';

/**
 * Enlarges images twofold, bilinearly between pixel centres, and convolves them with a 3×3 kernel, in one convolution at
 * the small size: each of the four phases of the result is a 3×3 convolution of the small image with a kernel of its own,
 * which is linear in the given one (Shi et al. 2016, 'Is the deconvolution layer the same as a convolutional layer?', §3).
 * The large image before the convolution, the network's largest tensor, is never made; the arithmetic is the same.
 *
 * The border is repeated by one pixel of the small image.
 *
 * @param images [N, H, W, C], float32. @param kernel [3, 3, C, D].
 * @returns [N, 2H, 2W, D]. Caller disposes.
 */
export function enlargingConvolution(images: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => enlargingConvolutionOfPadded(padBorder(images, 1, 'SYMMETRIC'), kernel));
}

/** As `enlargingConvolution`, of images that have one more pixel on every side. */
export function enlargingConvolutionOfPadded(images: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => depthToSpace(tf.conv2d(images, phaseKernels(kernel), 1, 'valid')));
}

/** [3, 3, C, D] to [3, 3, C, 4·D], the phases (0,0), (0,1), (1,0), (1,1) after one another. */
function phaseKernels(kernel: tf.Tensor4D): tf.Tensor4D {
  const [, , from, to] = kernel.shape;
  const both = ENLARGEMENT.flatMap((row) =>
    ENLARGEMENT.map((column) => row.flatMap((r) => column.map((c) => r * c))),
  );
  const phases = tf.matMul(tf.tensor2d(both), tf.reshape(kernel, [9, from * to]));
  // [a, u, b, v, C, D] → [u, v, C, a, b, D]
  const ordered = tf.transpose(tf.reshape(phases, [2, 3, 2, 3, from, to]), [1, 3, 4, 0, 2, 5]);
  return tf.reshape(ordered, [3, 3, from, 4 * to]);
}
