import assert from 'node:assert/strict';
import test from 'node:test';
import { enlargeTwofold } from '../../../src/engine/ops/enlarge.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const weights = tf.randomNormal([1, 6, 8, 2], 0, 1, 'float32', 1);
const image = tf.randomNormal([1, 3, 4, 2], 0, 1, 'float32', 2) as tf.Tensor4D;

test('values lie between pixel centres, edges repeat', async () => {
  await expectNoLeak(() => {
    const row = tf.tensor4d([0, 4, 8], [1, 1, 3, 1]);
    const enlarged = enlargeTwofold(row);
    assert.deepEqual(enlarged.shape, [1, 2, 6, 1]);
    expectTensorClose(enlarged, [0, 1, 3, 5, 7, 8, 0, 1, 3, 5, 7, 8]);
    tf.dispose([row, enlarged]);
  });
});

test('a flat picture stays flat: enlarging puts no pattern into it', () => {
  tf.tidy(() => {
    const values = enlargeTwofold(tf.fill([1, 5, 7, 3], 0.7)).dataSync();
    assert.ok(values.every((value) => value === values[0]));
  });
});

test('the gradient is right, and nothing is left behind', async () => {
  await expectNoLeak(() => {
    expectGradientMatches((x) => tf.sum(tf.mul(enlargeTwofold(x as tf.Tensor4D), weights)), [image]);
  });
});

test("tf.image.resizeBilinear's gradient is still wrong, or this op is not needed any more", () => {
  const resized = (x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [6, 8], false, true);
  assert.throws(() => expectGradientMatches((x) => tf.sum(tf.mul(resized(x), weights)), [image]));
});
