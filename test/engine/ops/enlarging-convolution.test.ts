import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import { enlargingConvolution } from '../../../src/engine/ops/enlarging-convolution.ts';
import { padBorder } from '../../../src/engine/ops/pad-border.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const image = tf.randomNormal([2, 3, 4, 2], 0, 1, 'float32', 1) as tf.Tensor4D;
const kernel = tf.randomNormal([3, 3, 2, 5], 0, 1, 'float32', 2) as tf.Tensor4D;

/** The same in two steps: enlarge bilinearly between pixel centres, repeat the border, convolve. */
function inTwoSteps(x: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor4D {
  const large = tf.image.resizeBilinear(x, [x.shape[1] * 2, x.shape[2] * 2], false, true);
  return tf.conv2d(padBorder(large, 1, 'SYMMETRIC'), k, 1, 'valid');
}

test('it is bilinear enlargement and a convolution in one', async () => {
  await expectNoLeak(() => {
    const [once, twice] = [enlargingConvolution(image, kernel), tf.tidy(() => inTwoSteps(image, kernel))];
    assert.deepEqual(once.shape, [2, 6, 8, 5]);
    expectTensorClose(once, twice, { absolute: 1e-5, relative: 1e-5 });
    tf.dispose([once, twice]);
  });
});

test('the middle tap alone enlarges: values lie between pixel centres, edges repeat', () => {
  tf.tidy(() => {
    const middle = tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]);
    const row = tf.tensor4d([0, 4, 8], [1, 1, 3, 1]);
    expectTensorClose(enlargingConvolution(row, middle), [0, 1, 3, 5, 7, 8, 0, 1, 3, 5, 7, 8]);
  });
});

test('a flat picture stays flat: enlarging puts no pattern into it', () => {
  tf.tidy(() => {
    const values = enlargingConvolution(tf.fill([1, 5, 7, 2], 0.7), kernel).dataSync();
    for (let i = 0; i < values.length; i++) {
      assert.ok(Math.abs(values[i]! - values[i % 5]!) < 1e-5, `value ${i}`);
    }
  });
});

test('gradients to image and kernel are right, and nothing is left behind', async () => {
  const weights = tf.randomNormal([2, 6, 8, 5], 0, 1, 'float32', 3);
  await expectNoLeak(() => {
    expectGradientMatches(
      (x, k) => tf.sum(tf.mul(enlargingConvolution(x as tf.Tensor4D, k as tf.Tensor4D), weights)),
      [image, kernel],
    );
  });
  weights.dispose();
});

test('compiled once it serves every size', () => {
  const compiled = compile(
    ({ x }: { x: tf.Tensor4D }) => ({ outputs: { y: enlargingConvolution(x, kernel) } }),
    {
      inputs: { x: [1, null, null, 2] },
      constants: [kernel],
    },
  );
  tf.tidy(() => {
    for (const [height, width] of [
      [4, 9],
      [7, 3],
    ] as const) {
      const x = tf.randomNormal([1, height, width, 2]) as tf.Tensor4D;
      expectTensorClose(compiled.run({ x }).y, inTwoSteps(x, kernel), { absolute: 1e-4, relative: 1e-4 });
    }
  });
  compiled.dispose();
});
