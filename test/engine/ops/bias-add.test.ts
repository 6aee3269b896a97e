import test from 'node:test';
import { biasAdd } from '../../../src/engine/ops/bias-add.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

test('each channel gets its bias, and gradients to both are right', async () => {
  const images = tf.randomNormal([2, 3, 4, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
  const bias = tf.tensor1d([0.5, -1, 2]);
  await expectNoLeak(() => {
    tf.tidy(() => {
      expectTensorClose(biasAdd(images, bias), tf.add(images, bias));
    });
    expectGradientMatches(
      (x, b) => tf.sum(tf.square(biasAdd(x as tf.Tensor4D, b as tf.Tensor1D))),
      [images, bias],
    );
  });
  tf.dispose([images, bias]);
});
