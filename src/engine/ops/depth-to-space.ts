import {
  DataType,
  nativeBackend,
  type OpAttribute,
  stringAttribute,
  typeAttribute,
} from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Spreads four groups of channels over the four pixels of a square: group (a, b) of a pixel (i, j) becomes the pixel
 * (2i + a, 2j + b). tfjs has no gradient for it; SpaceToDepth is its reverse.
 *
 * @param phases [N, H, W, 4·D], the groups (0,0), (0,1), (1,0), (1,1) after one another.
 * @returns [N, 2H, 2W, D]. Caller disposes.
 */
export function depthToSpace(phases: tf.Tensor4D): tf.Tensor4D {
  const move = tf.customGrad((x) => ({
    value: nativeBackend().executeSingleOutput('DepthToSpace', attributes(), [x as tf.Tensor]),
    gradFunc: (dy: tf.Tensor) => nativeBackend().executeSingleOutput('SpaceToDepth', attributes(), [dy]),
  }));
  return move(phases) as tf.Tensor4D;
}

function attributes(): OpAttribute[] {
  return [
    typeAttribute('T', DataType.FLOAT),
    { name: 'block_size', type: nativeBackend().binding.TF_ATTR_INT, value: 2 },
    stringAttribute('data_format', 'NHWC'),
  ];
}
