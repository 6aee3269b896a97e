import { joinRecords, type Program } from '../../../src/engine/compile/compile.ts';
import { instanceNormalization } from '../../../src/engine/ops/instance-normalization.ts';
import { reflectPad } from '../../../src/engine/ops/pad-border.ts';
import * as tf from '../../../src/engine/tensorflow.ts';

/** Shape of the image it takes. */
export const size: [number, number, number, number] = [1, 8, 8, 3];
type Inputs = { readonly image: tf.Tensor4D; readonly rate: tf.Scalar };
type Weights = {
  readonly first: tf.Tensor4D;
  readonly scale: tf.Tensor1D;
  readonly offset: tf.Tensor1D;
  readonly last: tf.Tensor4D;
};

/** A small network with every kind of op that the real one has, and gradient descent on its squared error. */
export function smallNet() {
  const state = {
    first: tf.randomNormal([3, 3, 3, 8], 0, 0.3, 'float32', 1),
    scale: tf.ones([8]),
    offset: tf.zeros([8]),
    last: tf.randomNormal([3, 3, 8, 3], 0, 0.2, 'float32', 2),
  } as Weights;
  const target = tf.randomUniform(size, -1, 1, 'float32', 3);
  const net = (x: tf.Tensor4D, { first, scale, offset, last }: Weights) => {
    const down = tf.conv2d(reflectPad(x, 1), first, 2, 'valid');
    const inner = tf.relu(instanceNormalization(down, scale, offset));
    const up = tf.image.resizeNearestNeighbor(tf.maxPool(inner, 1, 1, 'valid'), [8, 8]);
    return tf.tanh(tf.conv2d(reflectPad(up, 1), last, 1, 'valid'));
  };
  const named = (tensors: readonly tf.Tensor[]) =>
    Object.fromEntries(Object.keys(state).map((name, i) => [name, tensors[i]!])) as Weights;
  const program: Program<Inputs, { loss: tf.Tensor; gradients: Weights }, Weights> = (
    { image, rate },
    weights,
  ) => {
    const { value: loss, grads } = tf.valueAndGrads((...w: tf.Tensor[]) =>
      tf.mean(tf.squaredDifference(net(image, named(w)), target)),
    )(Object.values(weights));
    const gradients = named(grads);
    const nextState = joinRecords([weights, gradients], ([w, g]) => tf.sub(w!, tf.mul(rate, g!)));
    return { outputs: { loss, gradients }, nextState };
  };
  return { state, target, program };
}
