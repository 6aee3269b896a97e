import type { Program } from '../../../src/engine/compile/compile.ts';
import { instanceNormalization } from '../../../src/engine/ops/instance-normalization.ts';
import { reflectPad } from '../../../src/engine/ops/pad-border.ts';
import * as tf from '../../../src/engine/tensorflow.ts';

/** Shape of the image it takes. */
export const size: [number, number, number, number] = [1, 8, 8, 3];
/** A small network with every kind of op that the real one has, and gradient descent on its squared error. */
export function smallNet(): { state: tf.Tensor[]; target: tf.Tensor; program: Program } {
  const state = [
    tf.randomNormal([3, 3, 3, 8], 0, 0.3, 'float32', 1),
    tf.ones([8]),
    tf.zeros([8]),
    tf.randomNormal([3, 3, 8, 3], 0, 0.2, 'float32', 2),
  ];
  const target = tf.randomUniform(size, -1, 1, 'float32', 3);
  const net = (x: tf.Tensor, [first, scale, offset, last]: readonly tf.Tensor[]) => {
    const down = tf.conv2d(reflectPad(x as tf.Tensor4D, 1), first as tf.Tensor4D, 2, 'valid');
    const inner = tf.relu(instanceNormalization(down, scale as tf.Tensor1D, offset as tf.Tensor1D));
    const up = tf.image.resizeNearestNeighbor(tf.maxPool(inner, 1, 1, 'valid'), [8, 8]);
    return tf.tanh(tf.conv2d(reflectPad(up, 1), last as tf.Tensor4D, 1, 'valid'));
  };
  const program: Program = ([x, rate], weights) => {
    const { value, grads } = tf.valueAndGrads((...w: tf.Tensor[]) =>
      tf.mean(tf.squaredDifference(net(x!, w), target)),
    )([...weights]);
    return {
      outputs: [value, ...grads],
      nextState: weights.map((w, i) => tf.sub(w, tf.mul(rate!, grads[i]!))),
    };
  };
  return { state, target, program };
}
