import * as tf from '../tensorflow.ts';
import { batchNormalization } from './instance-normalization.ts';

/** Per channel, [C] each. `variance` is divided by the number of pixels less one, or by one. */
export interface ChannelMoments {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/**
 * Mean and variance of each channel over all pixels, in the two passes of TensorFlow's batch normalisation: fused, and in
 * f32 even where the images are in bf16.
 *
 * @param images [1, H, W, C], float32. Caller disposes the results.
 */
export function channelMoments(images: tf.Tensor4D): ChannelMoments {
  return tf.tidy(() => {
    const channels = images.shape[3];
    const none = tf.tensor1d([]);
    const [, mean, variance] = batchNormalization(true, [
      images,
      tf.ones([channels]),
      tf.zeros([channels]),
      none,
      none,
    ]);
    return { mean: mean!, variance: variance! };
  });
}

/**
 * Instance normalisation with statistics that are given, for a part of an image whose statistics are those of the whole:
 *
 *   y[n, h, w, c] = scale[c] · (x[n, h, w, c] − mean[c]) / √(variance[c] + ε) + offset[c],  ε = 10⁻⁵
 *
 * @param images [1, H, W, C], float32. @param statistics scale, offset, mean and variance, [C] each.
 * @returns [1, H, W, C]. Caller disposes.
 */
export function normalizeWith(images: tf.Tensor4D, statistics: readonly tf.Tensor[]): tf.Tensor4D {
  return tf.tidy(() => batchNormalization(false, [images, ...statistics])[0]!) as tf.Tensor4D;
}
