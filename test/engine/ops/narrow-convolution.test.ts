import assert from 'node:assert/strict';
import test from 'node:test';
import { depthToSpace } from '../../../src/engine/ops/depth-to-space.ts';
import { narrowConvolution } from '../../../src/engine/ops/narrow-convolution.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

test('four groups of channels become the four pixels of a square', async () => {
  const phases = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]);
  await expectNoLeak(() => {
    const spread = depthToSpace(phases);
    assert.deepEqual(spread.shape, [1, 2, 4, 1]);
    expectTensorClose(spread, [1, 2, 5, 6, 3, 4, 7, 8]);
    spread.dispose();
    const weights = tf.tensor4d([1, -2, 3, -4, 5, -6, 7, -8], [1, 2, 4, 1]);
    expectGradientMatches((x) => tf.sum(tf.mul(depthToSpace(x as tf.Tensor4D), weights)), [phases]);
    weights.dispose();
  });
});

test('it is a convolution of stride 1, for kernels of every odd size', async () => {
  for (const size of [1, 3, 9]) {
    const image = tf.randomNormal([2, 5 + size, 3 + size, 4], 0, 1, 'float32', 1) as tf.Tensor4D;
    const kernel = tf.randomNormal([size, size, 4, 3], 0, 1, 'float32', 2) as tf.Tensor4D;
    await expectNoLeak(() => {
      const [fast, plain] = [narrowConvolution(image, kernel), tf.conv2d(image, kernel, 1, 'valid')];
      assert.deepEqual(fast.shape, [2, 6, 4, 3]);
      expectTensorClose(fast, plain, { absolute: 1e-4, relative: 1e-4 });
      tf.dispose([fast, plain]);
    });
    tf.dispose([image, kernel]);
  }
});

test('gradients to image and kernel are right', () => {
  const image = tf.randomNormal([1, 8, 6, 2], 0, 1, 'float32', 3);
  const kernel = tf.randomNormal([3, 3, 2, 3], 0, 1, 'float32', 4);
  const weights = tf.randomNormal([1, 6, 4, 3], 0, 1, 'float32', 5);
  expectGradientMatches(
    (x, k) => tf.sum(tf.mul(narrowConvolution(x as tf.Tensor4D, k as tf.Tensor4D), weights)),
    [image, kernel],
  );
  tf.dispose([image, kernel, weights]);
});
