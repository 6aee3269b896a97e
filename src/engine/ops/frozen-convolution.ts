import * as tf from '../tensorflow.ts';
import { narrowConvolution } from './narrow-convolution.ts';

/**
 * A convolution of stride 1 that keeps height and width (zeros beyond the border), with a kernel that is never trained.
 *
 *   y[h, w, d] = Σ_ijc x[h + i − r, w + j − r, c] · k[i, j, c, d],   r = (K − 1) / 2
 *
 * Its gradient is a convolution too, with the kernel turned by 180° and its channels exchanged
 * (Dumoulin & Visin 2016, 'A guide to convolution arithmetic', §4.1). Written as one, with a kernel that is a constant of
 * the graph, the kernel is laid out for the processor once; TensorFlow's Conv2DBackpropInput does so in every call, and for
 * the kernel, which nobody wants, there is no gradient. That to a picture is `narrowConvolution`'s.
 *
 * @param images [N, H, W, C], float32, of sides that are known when it is recorded. @param kernel [K, K, C, D], K odd.
 * @returns [N, H, W, D]. Caller disposes.
 */
export function frozenConvolution(images: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const convolve = tf.customGrad((x) => ({
    value: tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'),
    gradFunc: (dy: tf.Tensor) =>
      tf.tidy(() => {
        const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);
        return isNarrow(x as tf.Tensor4D)
          ? narrowConvolution(dy as tf.Tensor4D, turned, 'same')
          : tf.conv2d(dy as tf.Tensor4D, turned, 1, 'same');
      }),
  }));
  return convolve(images) as tf.Tensor4D;
}

/** A picture's gradient has 3 channels, which `narrowConvolution` is made for. */
function isNarrow({ shape: [, height, width, channels] }: tf.Tensor4D): boolean {
  return channels <= 4 && height % 2 === 0 && width % 2 === 0;
}
