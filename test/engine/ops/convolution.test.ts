import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import {
  depthToSpace,
  enlargingConvolution,
  frozenConvolution,
  narrowConvolution,
} from '../../../src/engine/ops/convolution.ts';
import { padBorder, padZeros } from '../../../src/engine/ops/pad-border.ts';
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

test('a narrow convolution is one of stride 1, for kernels of every odd size', async () => {
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

test('gradients of a narrow convolution to image and kernel are right', () => {
  const image = tf.randomNormal([1, 8, 6, 2], 0, 1, 'float32', 3);
  const kernel = tf.randomNormal([3, 3, 2, 3], 0, 1, 'float32', 4);
  const weights = tf.randomNormal([1, 6, 4, 3], 0, 1, 'float32', 5);
  expectGradientMatches(
    (x, k) => tf.sum(tf.mul(narrowConvolution(x as tf.Tensor4D, k as tf.Tensor4D), weights)),
    [image, kernel],
  );
  tf.dispose([image, kernel, weights]);
});

const image = tf.randomNormal([2, 3, 4, 2], 0, 1, 'float32', 1) as tf.Tensor4D;
const kernel = tf.randomNormal([3, 3, 2, 5], 0, 1, 'float32', 2) as tf.Tensor4D;

/** The same in two steps: enlarge bilinearly between pixel centres, repeat the border, convolve. */
function inTwoSteps(x: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor4D {
  const large = tf.image.resizeBilinear(x, [x.shape[1] * 2, x.shape[2] * 2], false, true);
  return tf.conv2d(padBorder(large, 1, 'SYMMETRIC'), k, 1, 'valid');
}

test('an enlarging convolution is bilinear enlargement and a convolution in one', async () => {
  await expectNoLeak(() => {
    const [once, twice] = [enlargingConvolution(image, kernel), tf.tidy(() => inTwoSteps(image, kernel))];
    assert.deepEqual(once.shape, [2, 6, 8, 5]);
    expectTensorClose(once, twice, { absolute: 1e-5, relative: 1e-5 });
    tf.dispose([once, twice]);
  });
});

test('of the nearest pixels it is repetition and a convolution of what is reflected', async () => {
  await expectNoLeak(() => {
    const once = enlargingConvolution(image, kernel, 'nearest');
    const twice = tf.tidy(() => {
      const [, height, width] = image.shape;
      const large = tf.image.resizeNearestNeighbor(image, [2 * height, 2 * width]);
      return tf.conv2d(padBorder(large, 1, 'REFLECT'), kernel, 1, 'valid');
    });
    expectTensorClose(once, twice, { absolute: 1e-5, relative: 1e-5 });
    tf.dispose([once, twice]);
  });
});

test('after zeros it is the transposed convolution of stride 2: the gradient of the halving one to its input', async () => {
  await expectNoLeak(() => {
    const once = enlargingConvolution(image, kernel, 'zeros', (x, by) => padZeros(x, by));
    const transposed = tf.tidy(() => {
      const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
      const halved = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, turned, 2, 'same');
      return tf.grad((x) => tf.sum(tf.mul(halved(x), image)))(tf.zeros([2, 6, 8, 5]));
    });
    expectTensorClose(once, transposed, { absolute: 1e-5, relative: 1e-5 });
    tf.dispose([once, transposed]);
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

test('gradients of an enlarging convolution to image and kernel are right, and nothing leaks', async () => {
  const weights = tf.randomNormal([2, 6, 8, 5], 0, 1, 'float32', 3);
  await expectNoLeak(() => {
    expectGradientMatches(
      (x, k) => tf.sum(tf.mul(enlargingConvolution(x as tf.Tensor4D, k as tf.Tensor4D), weights)),
      [image, kernel],
    );
  });
  weights.dispose();
});

test('an enlarging convolution compiled once serves every size', () => {
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

for (const [size, width] of [
  [1, 7],
  [3, 7],
  [5, 7],
  [1, 8],
  [3, 8],
  [5, 8],
] as const) {
  test(`a frozen ${size}×${size} kernel on a width of ${width}: values and gradient are the plain convolution's`, async () => {
    const images = tf.randomNormal([2, 6, width, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
    const kernel = tf.randomNormal([size, size, 3, 4], 0, 0.5, 'float32', 2) as tf.Tensor4D;
    await expectNoLeak(() => {
      tf.tidy(() => {
        const plain = (x: tf.Tensor4D) => tf.conv2d(x, kernel, 1, 'same');
        const loss = (convolve: (x: tf.Tensor4D) => tf.Tensor) => (x: tf.Tensor) =>
          tf.sum(tf.square(convolve(x as tf.Tensor4D)));
        expectTensorClose(frozenConvolution(images, kernel), plain(images));
        expectTensorClose(
          tf.grad(loss((x) => frozenConvolution(x, kernel)))(images),
          tf.grad(loss(plain))(images),
        );
      });
      expectGradientMatches((x) => tf.sum(tf.square(frozenConvolution(x as tf.Tensor4D, kernel))), [images]);
    });
    tf.dispose([images, kernel]);
  });
}
