import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { momentMatrix, relativeMomentLoss } from '../../src/losses/moment-matrix.ts';
import { lossesOf } from '../../src/losses/term.ts';
import { loadMakers, termsOf } from '../../src/losses/terms.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';

/** Two channels at 2×2 places: channel 0 is 1 2 3 4, channel 1 is 5 5 5 9. */
const maps = tf.tensor4d([1, 5, 2, 5, 3, 5, 4, 9], [1, 2, 2, 2]);
/** By hand: means 2.5 and 6; centred −1.5 −0.5 0.5 1.5 and −1 −1 −1 3. */
const MOMENTS = [5 / 4, 6 / 4, 6 / 4, 12 / 4, 2.5, 6];
const drawn = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

test('moments are the covariance of channels over places, then their means', async () => {
  await expectNoLeak(() => {
    const moments = momentMatrix(maps);
    assert.deepEqual(moments.shape, [1, 3, 2]);
    expectTensorClose(moments, MOMENTS);
    moments.dispose();
  });
});

test('moments of a batch are those of its images', () => {
  tf.tidy(() => {
    const other = tf.mul(maps, 2) as tf.Tensor4D;
    expectTensorClose(
      momentMatrix(tf.concat([maps, other]) as tf.Tensor4D),
      tf.concat([momentMatrix(maps), momentMatrix(other)]),
    );
  });
});

test('a constant added to the features moves the mean and leaves the covariance', () => {
  tf.tidy(() => {
    const moved = momentMatrix(tf.add(maps, 100) as tf.Tensor4D);
    expectTensorClose(moved, [...MOMENTS.slice(0, 4), 102.5, 106], { relative: 1e-4, absolute: 1e-3 });
  });
});

test('the loss is the share of covariance and of mean that is missed, by hand', () => {
  tf.tidy(() => {
    const target = momentMatrix(maps);
    assert.equal(relativeMomentLoss(target, target).dataSync()[0], 0);
    // Mean of channel 0 off by 1: 1 / tr Σ = 1 / (5/4 + 12/4).
    const off = tf.tensor([...MOMENTS.slice(0, 4), 3.5, 6], [1, 3, 2]);
    expectTensorClose(relativeMomentLoss(off, target), [1 / 4.25], { relative: 1e-5, absolute: 1e-6 });
    // No covariance at all: all of it is missed.
    const flat = tf.tensor([0, 0, 0, 0, 2.5, 6], [1, 3, 2]);
    expectTensorClose(relativeMomentLoss(flat, target), [1], { relative: 1e-5, absolute: 1e-6 });
  });
});

test('a painting of which a layer sees nothing keeps the loss finite', () => {
  tf.tidy(() => {
    const nothing = tf.zeros([1, 3, 2]);
    assert.equal(relativeMomentLoss(nothing, nothing).dataSync()[0], 0);
  });
});

test('gradients are those that finite differences find, and nothing leaks', async () => {
  const features = drawn([1, 4, 5, 3], 1);
  const target = momentMatrix(tf.mul(drawn([1, 6, 6, 3], 2), 1.5) as tf.Tensor4D);
  await expectNoLeak(() => {
    expectGradientMatches((x) => relativeMomentLoss(momentMatrix(x as tf.Tensor4D), target), [features]);
  });
});

test('the style term compares moments where its statistic is moments', async () => {
  const makers = await loadMakers();
  tf.tidy(() => {
    const image = tf.mul(tf.ones([1, 4, 4, 3]), 128) as tf.Tensor4D;
    const deep = drawn([1, 4, 4, 2], 3) as tf.Tensor4D;
    const weights = {
      makers,
      contentWeight: 1,
      styleWeight: 2,
      tvWeight: 0,
      contentLayers: { deep: 1 },
      styleLayers: { deep: 1 },
      styleStatistic: 'moments' as const,
    };
    const painting = momentMatrix(tf.mul(deep, 2) as tf.Tensor4D);
    const { style, total } = lossesOf(
      termsOf(weights),
      image,
      { deep },
      { content: { deep }, paintings: { 0: { statistics: { deep: painting } } } },
    );
    const expected = relativeMomentLoss(momentMatrix(deep), painting).dataSync()[0]!;
    expectTensorClose(style as tf.Tensor, [expected]);
    expectTensorClose(total, [2 * expected]);
  });
});
