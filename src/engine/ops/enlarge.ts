import { boolAttribute, DataType, nativeBackend, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';
import { shapeOf } from './crop-like.ts';

/**
 * Enlarges height and width twofold by bilinear interpolation between pixel centres: [0, 4] becomes [0, 1, 3, 4].
 *
 * Why not `tf.image.resizeBilinear`: its gradient in tfjs 4.22 on tfjs-node drops `halfPixelCenters` and belongs to
 * another interpolation, and it takes the new size as numbers, which binds a compiled function to one size.
 *
 * @param images [N, H, W, C], float32.
 * @returns [N, 2H, 2W, C]. Caller disposes.
 */
export function enlargeTwofold(images: tf.Tensor4D): tf.Tensor4D {
  const enlarge = tf.customGrad((x, save) => {
    const image = x as tf.Tensor4D;
    (save as tf.GradSaveFunc)([image]);
    return {
      value: resize(image),
      gradFunc: (dy: tf.Tensor, [original]: tf.Tensor[]) =>
        nativeBackend().executeSingleOutput('ResizeBilinearGrad', attributes(), [dy, original!]),
    };
  });
  return enlarge(images) as tf.Tensor4D;
}

/** The size is read from the tensor when the op runs, so that a compiled function serves every size. */
function resize(image: tf.Tensor4D): tf.Tensor {
  return tf.tidy(() => {
    const size = tf.mul(tf.slice(shapeOf(image), [1], [2]), tf.scalar(2, 'int32'));
    return nativeBackend().executeSingleOutput('ResizeBilinear', attributes(), [image, size]);
  });
}

function attributes() {
  return [
    typeAttribute('T', DataType.FLOAT),
    boolAttribute('align_corners', false),
    boolAttribute('half_pixel_centers', true),
  ];
}
