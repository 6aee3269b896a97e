import { DataType, nativeBackend, stringAttribute, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Pads height and width by reflection without repeating the edge: [1, 2, 3] padded by 2 is [3, 2, 1, 2, 3, 2, 1].
 *
 * @param images [N, H, W, C], float32. @param padding pixels on each side, at most H − 1 and W − 1.
 * @returns [N, H + 2·padding, W + 2·padding, C]. Caller disposes.
 * @throws {RangeError} the padding reaches beyond the image.
 */
export function reflectPad(images: tf.Tensor4D, padding: number): tf.Tensor4D {
  return padBorder(images, padding, 'REFLECT');
}

/**
 * Pads height and width by mirroring, without (`REFLECT`) or with (`SYMMETRIC`) the edge itself.
 *
 * Why not `tf.mirrorPad`: its gradient in tfjs 4.22 keeps only the middle and drops what flowed into the mirrored
 * border, which shows as artefacts at the picture's edges. TensorFlow's own MirrorPadGrad adds it back.
 *
 * @param images [N, H, W, C], float32. @param padding pixels on each side, at most H and W, for `REFLECT` less by one.
 * @returns [N, H + 2·padding, W + 2·padding, C]. Caller disposes.
 * @throws {RangeError} the padding reaches beyond the image.
 */
export function padBorder(images: tf.Tensor4D, padding: number, mode: 'REFLECT' | 'SYMMETRIC'): tf.Tensor4D {
  const [, height, width] = images.shape;
  const room = Math.min(height, width) - (mode === 'REFLECT' ? 1 : 0);
  if (padding > room) {
    throw new RangeError(`Cannot reflect ${padding} pixels at the border of an image of ${width}×${height}.`);
  }
  if (padding === 0) return images.clone();
  const pad = tf.customGrad((x) => ({
    value: mirror('MirrorPad', x as tf.Tensor, padding, mode),
    gradFunc: (dy: tf.Tensor) => mirror('MirrorPadGrad', dy, padding, mode),
  }));
  return pad(images) as tf.Tensor4D;
}

function mirror(op: 'MirrorPad' | 'MirrorPadGrad', x: tf.Tensor, padding: number, mode: string): tf.Tensor {
  return tf.tidy(() => {
    const attributes = [
      typeAttribute('T', DataType.FLOAT),
      typeAttribute('Tpaddings', DataType.INT32),
      stringAttribute('mode', mode),
    ];
    const paddings = tf.tensor2d([0, 0, padding, padding, padding, padding, 0, 0], [4, 2], 'int32');
    return nativeBackend().executeSingleOutput(op, attributes, [x, paddings]);
  });
}
