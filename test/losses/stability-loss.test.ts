import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { stabilityLoss } from '../../src/losses/stability-loss.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';

const everywhere = (of: tf.Tensor4D) => tf.ones<tf.Rank.R4>([of.shape[0], of.shape[1], of.shape[2], 1]);
const drawn = (seed: number, deviation = 40) =>
  tf.randomNormal<tf.Rank.R4>([1, 40, 40, 3], 128, deviation, 'float32', seed);

function loss(a: tf.Tensor4D, b: tf.Tensor4D, inside = everywhere(a)): number {
  const scalar = stabilityLoss(a, b, inside);
  assert.deepEqual(scalar.shape, []);
  const value = scalar.dataSync()[0]!;
  scalar.dispose();
  return value;
}

test('worked out by hand', () => {
  // One channel, a = 0 2 4 6, b = 2 2 4 4: Σ(a − b)² = 4 + 0 + 0 + 4. Both means are 3; Σ(a − 3)² = 20, Σ(b − 3)² = 4.
  const a = tf.tensor4d([0, 2, 4, 6], [1, 2, 2, 1]);
  const b = tf.tensor4d([2, 2, 4, 4], [1, 2, 2, 1]);
  assert.ok(Math.abs(loss(a, b) - 8 / 24) < 1e-6);
  // Without the last place: means 2 and 8/3; Σ(a − b)² = 4; 8 + 8/3 + 3 · (2/3)² = 12.
  const inside = tf.tensor4d([1, 1, 1, 0], [1, 2, 2, 1]);
  assert.ok(Math.abs(loss(a, b, inside) - 4 / 12) < 1e-6);
});

test('0 for what follows exactly, 1 for what has nothing to do with it, 2 for its opposite', () => {
  const [a, b] = [drawn(1), drawn(2)];
  assert.equal(loss(a, a), 0);
  assert.ok(Math.abs(loss(a, b) - 1) < 0.05, `${loss(a, b)}`);
  const opposite = tf.sub(255, a) as tf.Tensor4D;
  assert.ok(Math.abs(loss(a, opposite) - 2) < 0.02, `${loss(a, opposite)}`);
  const darker = tf.sub(a, 40) as tf.Tensor4D; // as far as its deviation: 40² / (40² + 40² + 40²)
  assert.ok(Math.abs(loss(darker, a) - 1 / 3) < 0.02, `${loss(darker, a)}`);
});

test('less contrast gains nothing; an even picture has no loss and no steep gradient', () => {
  const a = drawn(1);
  const b = tf.add(a, drawn(2, 10)) as tf.Tensor4D;
  const half = (of: tf.Tensor4D) => tf.add(tf.mul(of, 0.5), 60) as tf.Tensor4D;
  assert.ok(Math.abs(loss(half(a), half(b)) / loss(a, b) - 1) < 1e-4);
  const blank = tf.fill([1, 40, 40, 3], 90) as tf.Tensor4D;
  assert.equal(loss(blank, blank), 0);
  const faint = tf.add(blank, tf.mul(tf.sub(drawn(3, 1), 128), 0.1)) as tf.Tensor4D;
  assert.ok(loss(faint, blank) < 0.05, `${loss(faint, blank)}`);
});

test('unknown places do not count', () => {
  const a = drawn(1);
  const inside = tf.pad(tf.ones<tf.Rank.R4>([1, 40, 30, 1]), [
    [0, 0],
    [0, 0],
    [0, 10],
    [0, 0],
  ]) as tf.Tensor4D;
  const spoilt = tf.add(a, tf.mul(tf.sub(1, inside), 100)) as tf.Tensor4D;
  assert.equal(loss(spoilt, a, inside), 0);
  assert.ok(loss(spoilt, a) > 0.1);
});

test('gradients of both sides are what finite differences find, and nothing leaks', async () => {
  const [a, b] = [3, 4].map((seed) => tf.randomNormal([1, 4, 3, 2], 2, 3, 'float32', seed)) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const inside = tf.tensor4d([1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1], [1, 4, 3, 1]);
  await expectNoLeak(() => {
    expectGradientMatches((x, y) => stabilityLoss(x as tf.Tensor4D, y as tf.Tensor4D, inside), [a, b], {
      coordinates: 24,
    });
    stabilityLoss(a, b, inside).dispose();
  });
  assert.equal(a.isDisposed || b.isDisposed || inside.isDisposed, false);
});
