import { DataType } from '../data-type.ts';
import {
  boolAttribute,
  floatAttribute,
  nativeBackend,
  stringAttribute,
  typeAttribute,
} from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { EPSILON } from './constants.ts';

/**
 * Instance normalisation (Ulyanov et al. 2016, 'Instance Normalization', eq. 3): each channel of each image is brought
 * to mean 0 and variance 1 over its pixels, then scaled and shifted.
 *
 *   y[n, h, w, c] = scale[c] · (x[n, h, w, c] − μ[n, c]) / √(σ²[n, c] + ε) + offset[c]
 *
 * Of a single image this is batch normalisation of a batch of one, which TensorFlow has as one fused op, an order
 * faster than composed ops and available in bf16; so the images of a batch are normalised one by one.
 *
 * @param images [N, H, W, C], float32.
 * @param scale [C]. @param offset [C].
 * @returns [N, H, W, C]. Caller disposes.
 */
export function instanceNormalization(
  images: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
): tf.Tensor4D {
  if (images.shape[0] === 1) return normalizeOne(images, scale, offset) as tf.Tensor4D;
  return tf.tidy(() =>
    tf.concat(tf.split(images, images.shape[0]).map((image) => normalizeOne(image, scale, offset))),
  ) as tf.Tensor4D;
}

/**
 * Instance normalisation of all images of a batch in the same few ops, whatever their number, for devices on which starting
 * an op costs more than computing it. Composed, in f32; of a single image it is `instanceNormalization`. With c = x − μ and
 * r = 1 / √(σ² + ε):
 *
 *   y = γ r · c + β
 *   ∂L/∂x = γ r · (dy − mean_hw(dy) − r² c · mean_hw(dy · c)),   ∂L/∂γ = r · Σ_hw dy · c,   ∂L/∂β = Σ_hw dy
 *
 * @param images [N, H, W, C], float32. @param scale γ, [C], or [N, C] for each image its own. @param offset β, likewise.
 * @returns [N, H, W, C]. Caller disposes.
 */
export function instanceNormalizationOfBatch(
  images: tf.Tensor4D,
  scale: tf.Tensor,
  offset: tf.Tensor,
): tf.Tensor4D {
  return tf.tidy(() => {
    const channels = images.shape[3];
    if (images.shape[0] === 1)
      return normalizeOne(images, tf.reshape(scale, [channels]), tf.reshape(offset, [channels]));
    const wide = (of: tf.Tensor) => tf.reshape(of, [-1, 1, 1, channels]);
    return normalizeTogether(images, wide(scale), wide(offset));
  }) as tf.Tensor4D;
}

/** @param scale [1, 1, 1, C] or [N, 1, 1, C]. @param offset likewise. */
function normalizeTogether(images: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const [, height, width] = images.shape;
  const mean = (values: tf.Tensor) => tf.mean(values, [1, 2], true);
  const normalize = tf.customGrad((x, s, o, save) => {
    const scale = s as tf.Tensor;
    const centred = tf.sub(x as tf.Tensor, mean(x as tf.Tensor));
    const inverse = tf.div(1, tf.sqrt(tf.add(mean(tf.square(centred)), EPSILON)));
    (save as tf.GradSaveFunc)([centred, inverse, scale]);
    return {
      value: tf.add(tf.mul(centred, tf.mul(inverse, scale)), o as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [centred, inverse, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const [mean1, mean2] = [mean(dy), tf.mul(mean(tf.mul(dy, centred)), inverse)];
        const along = tf.mul(centred, tf.mul(mean2, inverse));
        const ofParameter = (means: tf.Tensor) => {
          const sums = tf.mul(means, height * width);
          return scale.shape[0] === 1 ? tf.sum(sums, 0, true) : sums;
        };
        return [
          tf.mul(tf.sub(tf.sub(dy, mean1), along), tf.mul(inverse, scale)),
          ofParameter(mean2),
          ofParameter(mean1),
        ];
      },
    };
  });
  return normalize(images, scale, offset);
}

function attributes(isTraining: boolean) {
  return [
    typeAttribute('T', DataType.FLOAT),
    typeAttribute('U', DataType.FLOAT),
    floatAttribute('epsilon', EPSILON),
    stringAttribute('data_format', 'NHWC'),
    boolAttribute('is_training', isTraining),
  ];
}

/**
 * TensorFlow's fused batch normalisation.
 *
 * @param ownStatistics normalise by the images' own mean and variance, or by those given.
 * @param inputs images [N, H, W, C], then scale, offset, mean and variance; the last two are empty for the images' own.
 * @returns normalised images, mean, variance (divided by the number of pixels less one, or by one), and three more that
 *   the gradient wants. Caller disposes.
 */
export function batchNormalization(ownStatistics: boolean, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  return nativeBackend().executeMultipleOutputs(
    'FusedBatchNormV3',
    [...attributes(ownStatistics), floatAttribute('exponential_avg_factor', 1)],
    [...inputs],
    6,
  );
}

function normalizeOne(image: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const normalize = tf.customGrad((x, s, o, save) => {
    const image = x as tf.Tensor;
    const scale = s as tf.Tensor;
    const noStatistics = tf.tensor1d([]);
    const [y, mean, variance, reserve1, reserve2, reserve3] = batchNormalization(true, [
      image,
      scale,
      o as tf.Tensor,
      noStatistics,
      noStatistics,
    ]) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    tf.dispose([mean, variance, noStatistics]);
    (save as tf.GradSaveFunc)([image, scale, reserve1, reserve2, reserve3]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const gradients = nativeBackend().executeMultipleOutputs(
          'FusedBatchNormGradV3',
          attributes(true),
          [dy, ...saved],
          5,
        );
        tf.dispose(gradients.slice(3));
        return gradients.slice(0, 3);
      },
    };
  });
  return normalize(image, scale, offset);
}

/** Per channel, [C] each. `variance` is divided by the number of pixels less one, or by one. */
interface ChannelMoments {
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
