import * as tf from '../engine/tensorflow.ts';

/**
 * Content loss: the squared distance of a picture's feature maps to the photo's.
 *
 *   L = ½ Σ (F − P)²        (Gatys et al. 2016, eq. 1)
 *
 * A sum: it grows with the image's size, the layer's width and the features' scale.
 *
 * @param featureMaps F, [N, H, W, C]. @param target P, the photo's, of the same shape.
 * @returns scalar. Caller disposes.
 */
export function contentLoss(featureMaps: tf.Tensor, target: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.sum(tf.squaredDifference(featureMaps, target)), 0.5) as tf.Scalar);
}

/**
 * Content loss as a share of the photo's own feature energy: 0 for the photo, about 1 when nothing of it is left.
 *
 *   L = Σ (F − P)² / Σ P²
 *
 * Differs from Johnson et al. (2016, eq. 2), who divide by C·H·W: the share means the same for every loss network,
 * layer and image size, so that one weight does.
 *
 * @param featureMaps F, [N, H, W, C]. @param target P, the photo's, of the same shape.
 * @returns scalar. Caller disposes.
 */
export function relativeContentLoss(featureMaps: tf.Tensor, target: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const energy = tf.maximum(tf.sum(tf.square(target)), SMALLEST_ENERGY);
    return tf.div(tf.sum(tf.squaredDifference(featureMaps, target)), energy) as tf.Scalar;
  });
}

/** Keeps the share finite for a photo of which the layer sees nothing. */
const SMALLEST_ENERGY = 1e-30;
