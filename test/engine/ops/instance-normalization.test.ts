import assert from 'node:assert/strict';
import test from 'node:test';
import { EPSILON } from '../../../src/engine/ops/constants.ts';
import {
  channelMoments,
  instanceNormalization,
  instanceNormalizationOfBatch,
  normalizeWith,
} from '../../../src/engine/ops/instance-normalization.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const [images, scale, offset] = [
  tf.randomNormal([2, 4, 3, 3], 2, 3, 'float32', 1) as tf.Tensor4D,
  tf.tensor1d([1, 2, -0.5]),
  tf.tensor1d([0, 1, -2]),
];

test('each channel of an image has mean 0 and variance 1, then scale and offset', () => {
  // Channel 0 is 1 2 3 4: mean 2.5, variance 1.25. Channel 1 is constant: variance 0, only the offset is left.
  const image = tf.tensor4d([1, 7, 2, 7, 3, 7, 4, 7], [1, 2, 2, 2]);
  const [gamma, beta] = [tf.tensor1d([2, 5]), tf.tensor1d([10, -1])];
  const normalized = instanceNormalization(image, gamma, beta);
  const deviation = Math.sqrt(1.25 + EPSILON);
  expectTensorClose(
    normalized,
    [-1.5, -0.5, 0.5, 1.5].flatMap((x) => [(2 * x) / deviation + 10, -1]),
    { absolute: 1e-5 },
  );
  tf.dispose([image, gamma, beta, normalized]);
});

test('agrees with the equation composed of plain ops', () => {
  tf.tidy(() => {
    const { mean, variance } = tf.moments(images, [1, 2], true);
    const composed = tf.add(
      tf.mul(tf.div(tf.sub(images, mean), tf.sqrt(tf.add(variance, EPSILON))), scale),
      offset,
    );
    expectTensorClose(instanceNormalization(images, scale, offset), composed, { absolute: 1e-5 });
  });
});

test('an image in a batch comes out as it does alone', () => {
  tf.tidy(() => {
    const alone = (tf.split(images, 2) as tf.Tensor4D[]).map((one) =>
      instanceNormalization(one, scale, offset),
    );
    const together = instanceNormalization(images, scale, offset);
    assert.deepEqual(together.shape, images.shape);
    expectTensorClose(together, tf.concat(alone), { absolute: 0, relative: 0 });
  });
});

test('gradients to image, scale and offset are right, of one image and of two', async () => {
  const one = tf.tidy(() => tf.slice(images, [1, 0, 0, 0], [1, 4, 3, 3]));
  for (const input of [one, images]) {
    const weights = tf.randomNormal(input.shape, 0, 1, 'float32', 4);
    await expectNoLeak(() =>
      expectGradientMatches(
        (x, s, o) =>
          tf.sum(
            tf.mul(
              tf.square(instanceNormalization(x as tf.Tensor4D, s as tf.Tensor1D, o as tf.Tensor1D)),
              weights,
            ),
          ),
        [input, scale, offset],
        { coordinates: 12, step: 2e-2 },
      ),
    );
    weights.dispose();
  }
  one.dispose();
});

test('a whole batch in one go is each image by itself, with parameters shared or its own, gradients included', async () => {
  const [scales, offsets] = [tf.stack([scale, tf.neg(scale)]), tf.stack([offset, tf.add(offset, 1)])];
  const weights = tf.randomNormal(images.shape, 0, 1, 'float32', 4);
  type Normalize = (x: tf.Tensor4D, s: tf.Tensor, o: tf.Tensor) => tf.Tensor;
  const alone: Normalize = (x, s, o) => instanceNormalization(x, s as tf.Tensor1D, o as tf.Tensor1D);
  const oneByOne: Normalize = (x, s, o) => {
    const [xs, ss, os] = [tf.split(x, 2) as tf.Tensor4D[], tf.unstack(s), tf.unstack(o)];
    return tf.concat(xs.map((image, i) => alone(image, ss[i]!, os[i]!)));
  };
  await expectNoLeak(() => {
    for (const [reference, s, o] of [
      [alone, scale, offset],
      [oneByOne, scales, offsets],
    ] as const) {
      const both = [instanceNormalizationOfBatch, reference].map((normalize: Normalize) =>
        tf.valueAndGrads((x, s, o) =>
          tf.sum(tf.mul(tf.square(normalize(x as tf.Tensor4D, s!, o!)), weights)),
        )([images, s, o]),
      );
      const [found, wanted] = both as [(typeof both)[0], (typeof both)[0]];
      expectTensorClose(found.value, wanted.value);
      found.grads.forEach((gradient, i) => {
        expectTensorClose(gradient, wanted.grads[i]!, { absolute: 1e-4, relative: 1e-4 });
      });
      tf.dispose(both.map(({ value, grads }) => [value, ...grads]));
    }
    const one = tf.tidy(() => tf.slice(images, [0, 0, 0, 0], [1, 4, 3, 3]));
    const [together, fused] = [instanceNormalizationOfBatch(one, scale, offset), alone(one, scale, offset)];
    assert.deepEqual(together.dataSync(), fused.dataSync(), 'of one image the fused op');
    tf.dispose([one, together, fused]);
  });
  tf.dispose([scales, offsets, weights]);
});

test('leaks nothing but its result', async () => {
  await expectNoLeak(() => {
    instanceNormalization(images, scale, offset).dispose();
    tf.tidy(() =>
      instanceNormalization(tf.slice(images, [0, 0, 0, 0], [1, 4, 3, 3]), scale, offset),
    ).dispose();
  });
});

test('mean and variance are those of the pixels, and normalising with them is instance normalisation', async () => {
  const [height, width] = [7, 9];
  const image = tf.randomNormal<tf.Rank.R4>([1, height, width, 3], 5, 2, 'float32', 1);
  const [scale, offset] = [tf.tensor1d([1, 2, -0.5]), tf.tensor1d([0, 1, 3])];
  await expectNoLeak(() =>
    tf.tidy(() => {
      const { mean, variance } = channelMoments(image);
      const wanted = tf.moments(image, [0, 1, 2]);
      const pixels = height * width;
      expectTensorClose(mean, wanted.mean);
      expectTensorClose(tf.mul(variance, (pixels - 1) / pixels), wanted.variance);
      const normalized = normalizeWith(image, [scale, offset, wanted.mean, wanted.variance]);
      expectTensorClose(normalized, instanceNormalization(image, scale, offset), { absolute: 1e-5 });
    }),
  );
  tf.dispose([image, scale, offset]);
});
