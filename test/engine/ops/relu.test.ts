import test from 'node:test';
import { relu } from '../../../src/engine/ops/relu.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const exact = { absolute: 0, relative: 0 };

test('what is negative becomes zero, and gradients flow back where the result is positive', async () => {
  const x = tf.tensor2d([-2, 0, 3, -0.5, 2 ** -60, 7], [2, 3]);
  const weights = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  await expectNoLeak(() => {
    const y = relu(x);
    expectTensorClose(y, [0, 0, 3, 0, 2 ** -60, 7], exact);
    const gradient = tf.grad((x) => tf.sum(tf.mul(relu(x), weights)))(x);
    expectTensorClose(gradient, [0, 0, 3, 0, 5, 6], exact);
    tf.dispose([y, gradient]);
  });
  tf.dispose([x, weights]);
});
