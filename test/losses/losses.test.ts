import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { relativeContentLoss } from '../../src/losses/content-loss.ts';
import { gramMatrix, relativeStyleLoss } from '../../src/losses/gram-matrix.ts';
import {
  summedTotalVariation,
  totalVariation,
  totalVariationByDirection,
  totalVariationToPower,
} from '../../src/losses/total-variation.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';

/** Two channels at 2×2 places: channel 0 is 1 2 3 4, channel 1 is 5 6 7 8. */
const maps = tf.tensor4d([1, 5, 2, 6, 3, 7, 4, 8], [1, 2, 2, 2]);
/** The same, channel 0 less by one. */
const target = tf.tensor4d([0, 5, 1, 6, 2, 7, 3, 8], [1, 2, 2, 2]);
const drawn = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);

/** The value of a scalar, which is disposed of. */
function value(scalar: tf.Tensor): number {
  const [number] = scalar.dataSync();
  scalar.dispose();
  return number!;
}

function expectValue(scalar: tf.Tensor, expected: number): void {
  assert.deepEqual(scalar.shape, []);
  expectTensorClose([value(scalar)], [expected], { absolute: 1e-6, relative: 1e-6 });
}

test('the Gram matrix sums products of channels over places, divided by C·H·W', async () => {
  await expectNoLeak(() => {
    const gram = gramMatrix(maps);
    assert.deepEqual(gram.shape, [1, 2, 2]);
    // Σ aa = 1 + 4 + 9 + 16 = 30, Σ ab = 5 + 12 + 21 + 32 = 70, Σ bb = 25 + 36 + 49 + 64 = 174; C·H·W = 8.
    expectTensorClose(gram, [30 / 8, 70 / 8, 70 / 8, 174 / 8]);
    gram.dispose();
  });
});

test('Gram matrices of a batch are those of its images', () => {
  tf.tidy(() => {
    const both = gramMatrix(tf.concat([maps, target]) as tf.Tensor4D);
    expectTensorClose(both, tf.concat([gramMatrix(maps), gramMatrix(target)]));
  });
});

test('the Gram matrix ignores positions: pixels may be shuffled', () => {
  tf.tidy(() => {
    const mirrored = tf.reverse(maps, [1, 2]);
    expectTensorClose(gramMatrix(mirrored), gramMatrix(maps));
  });
});

test('the relative content loss is a share of the energy of the target', () => {
  // Σ P² = 0 + 1 + 4 + 9 + 174 = 188.
  expectValue(relativeContentLoss(maps, target), 4 / 188);
  expectValue(relativeContentLoss(maps, maps), 0);
  const [blank, louder] = tf.tidy(() => [tf.zerosLike(target), tf.mul(target, 10)] as const);
  expectValue(relativeContentLoss(blank, target), 1);
  const loudMaps = tf.mul(maps, 10);
  expectValue(relativeContentLoss(loudMaps, louder), 4 / 188); // whatever the scale
  assert.ok(Number.isFinite(value(relativeContentLoss(maps, blank))));
  expectValue(relativeContentLoss(blank, blank), 0);
  tf.dispose([blank, louder, loudMaps]);
});

test('the relative style loss is a share of the energy of the target', () => {
  // Plain sums: [[30, 70], [70, 174]] and, for 0 1 2 3, [[14, 44], [44, 174]].
  const [gram, painting] = [gramMatrix(maps), gramMatrix(target)];
  // Σ A² = 14² + 2·44² + 174².
  expectValue(
    relativeStyleLoss(gram, painting),
    (16 ** 2 + 2 * 26 ** 2) / (14 ** 2 + 2 * 44 ** 2 + 174 ** 2),
  );
  expectValue(relativeStyleLoss(gram, gram), 0);
  const blank = tf.zerosLike(gram);
  expectValue(relativeStyleLoss(blank, painting), 1);
  assert.ok(Number.isFinite(value(relativeStyleLoss(gram, blank))));
  tf.dispose([gram, painting, blank]);
});

test('total variation is the mean of squared steps down and right', () => {
  // Per channel: two steps down of 2, two steps right of 1: 2·4 + 2·1 = 10; two channels, eight values.
  expectValue(totalVariation(maps), 20 / 8);
  const flat = tf.fill([1, 3, 4, 3], 200) as tf.Tensor4D;
  expectValue(totalVariation(flat), 0);
  const wide = tf.tensor4d([0, 3, 3, 0, 3, 3], [1, 2, 3, 1]); // one step right of 3 in each row
  expectValue(totalVariation(wide), 18 / 6);
  const [line] = [tf.ones([1, 1, 5, 1]) as tf.Tensor4D];
  assert.throws(() => totalVariation(line), /at least 2×2 pixels but got 5×1/);
  tf.dispose([flat, wide, line]);
});

test("total variation as Johnson's and Engstrom's programs have it", () => {
  // Where a pixel has both neighbours: one per channel, 2² + 1², halved.
  expectValue(summedTotalVariation(maps), (2 * 5) / 2);
  // Two steps down of 2 and two steps right of 1 per channel: means 4 and 1.
  expectValue(totalVariationByDirection(maps), 4 + 1);
  const wide = tf.tensor4d([0, 3, 3, 0, 3, 3], [1, 2, 3, 1]);
  expectValue(summedTotalVariation(wide), 9 / 2);
  expectValue(totalVariationByDirection(wide), 18 / 4);
  wide.dispose();
});

test('total variation does not grow with the image', () => {
  tf.tidy(() => {
    const small = tf.tile(maps, [1, 8, 8, 1]) as tf.Tensor4D;
    const large = tf.tile(maps, [1, 32, 32, 1]) as tf.Tensor4D;
    const ratio = value(totalVariation(large)) / value(totalVariation(small));
    assert.ok(Math.abs(ratio - 1) < 0.1, `${ratio}`);
  });
});

test("total variation in Keras' form takes both steps of a pixel to the power 1.25", () => {
  // One pixel per channel has both neighbours: (2² + 1²)^1.25.
  expectValue(totalVariationToPower(maps), 2 * 5 ** 1.25);
  expectValue(totalVariationToPower(maps, 1), 2 * 5);
  const flat = tf.ones([1, 3, 3, 1]) as tf.Tensor4D;
  expectValue(totalVariationToPower(flat), 0);
  const gradient = tf.grad((x) => totalVariationToPower(x as tf.Tensor4D))(flat);
  expectTensorClose(gradient, new Float32Array(9), { absolute: 1e-3 });
  tf.dispose([flat, gradient]);
});

test('every loss has the gradient that finite differences find, and leaks nothing', async () => {
  const [f, p] = [drawn([1, 4, 3, 2], 1), drawn([1, 4, 3, 2], 2)];
  const a = gramMatrix(p as tf.Tensor4D);
  const losses: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    relativeContent: (x) => relativeContentLoss(x, p),
    relativeStyle: (x) => relativeStyleLoss(gramMatrix(x as tf.Tensor4D), a),
    tv: (x) => totalVariation(x as tf.Tensor4D),
    tvSummed: (x) => summedTotalVariation(x as tf.Tensor4D),
    tvByDirection: (x) => totalVariationByDirection(x as tf.Tensor4D),
    tvToPower: (x) => totalVariationToPower(x as tf.Tensor4D),
  };
  for (const [name, loss] of Object.entries(losses)) {
    await expectNoLeak(() => {
      try {
        expectGradientMatches((x) => loss(x!), [f], { coordinates: 24 });
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
      tf.dispose(tf.tidy(() => loss(f)));
    });
  }
  tf.dispose([f, p, a]);
});

test('losses do not dispose of what they are given', async () => {
  await expectNoLeak(() => {
    for (const loss of [relativeContentLoss(maps, target), totalVariation(maps)]) loss.dispose();
    totalVariationToPower(maps).dispose();
  });
  assert.equal(maps.isDisposed || target.isDisposed, false);
});
