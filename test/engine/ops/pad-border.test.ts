import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import {
  cropLike,
  padBorder,
  padBorderInOneOp,
  padZeroColumns,
  padZeros,
  reflectPad,
  shapeOf,
} from '../../../src/engine/ops/pad-border.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const exact = { absolute: 0, relative: 0 };

test('mirrors rows and columns without repeating the edge', async () => {
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  await expectNoLeak(() => {
    const padded = reflectPad(image, 2);
    assert.deepEqual(padded.shape, [1, 7, 7, 1]);
    const row = (a: number, b: number, c: number) => [c, b, a, b, c, b, a];
    const [top, middle, bottom] = [row(1, 2, 3), row(4, 5, 6), row(7, 8, 9)];
    expectTensorClose(padded, [bottom, middle, top, middle, bottom, middle, top].flat(), exact);
    padded.dispose();
  });
  image.dispose();
});

test('zeros lie where they are asked for, and their gradient is that of what they surround', async () => {
  const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  await expectNoLeak(() => {
    const [around, beside] = [padZeros(image, 0, 1), padZeroColumns(image, 1)];
    expectTensorClose(around, [1, 2, 0, 3, 4, 0, 0, 0, 0], exact);
    expectTensorClose(beside, [0, 1, 2, 0, 0, 3, 4, 0], exact);
    tf.dispose([around, beside]);
    expectGradientMatches((x) => tf.sum(tf.square(padZeros(x as tf.Tensor4D, 2, 1))), [image]);
  });
  image.dispose();
});

test('keeps channels and images apart: a batch is as its images one by one', () => {
  tf.tidy(() => {
    const batch = tf.randomNormal([3, 4, 5, 2], 0, 1, 'float32', 1) as tf.Tensor4D;
    const alone = (tf.split(batch, 3) as tf.Tensor4D[]).map((image) => reflectPad(image, 3));
    expectTensorClose(reflectPad(batch, 3), tf.concat(alone), exact);
  });
});

test('its gradient adds what was mirrored back to where it came from', async () => {
  const line = tf.tensor4d([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [1, 4, 4, 1]);
  const images = tf.randomNormal([2, 5, 4, 2], 0, 1, 'float32', 2);
  const weights = tf.randomNormal([2, 9, 8, 2], 0, 1, 'float32', 3);
  await expectNoLeak(() => {
    const gradient = tf.grad((x) => tf.sum(reflectPad(x as tf.Tensor4D, 2)))(line);
    // Along each axis the pixels occur 1, 3, 3, 1 times in [3 2 | 1 2 3 4 | 3 2].
    const times = [1, 3, 3, 1];
    expectTensorClose(
      gradient,
      times.flatMap((row) => times.map((column) => row * column)),
      exact,
    );
    gradient.dispose();
    expectGradientMatches(
      (x) => tf.sum(tf.mul(tf.square(reflectPad(x as tf.Tensor4D, 2)), weights)),
      [images],
    );
  });
  tf.dispose([line, images, weights]);
});

for (const mode of ['REFLECT', 'SYMMETRIC'] as const) {
  test(`${mode}: values and gradient in images that are large and small compared with the padding`, async () => {
    for (const [height, width, padding] of [
      [9, 12, 1],
      [8, 8, 3],
      [11, 9, 4],
      [4, 40, 2],
    ] as const) {
      const images = tf.randomNormal([2, height, width, 2], 0, 1, 'float32', 4);
      const shape = [2, height + 2 * padding, width + 2 * padding, 2];
      const weights = tf.randomNormal(shape, 0, 1, 'float32', 5);
      await expectNoLeak(() => {
        tf.tidy(() => {
          const margin = [padding, padding] as [number, number];
          const expected = tf.mirrorPad(
            images,
            [[0, 0], margin, margin, [0, 0]],
            mode === 'REFLECT' ? 'reflect' : 'symmetric',
          );
          expectTensorClose(padBorder(images as tf.Tensor4D, padding, mode), expected, exact);
          const [inOneOp, composed] = [padBorderInOneOp, padBorder].map((pad) =>
            tf.valueAndGrad((x) => tf.sum(tf.mul(tf.square(pad(x as tf.Tensor4D, padding, mode)), weights)))(
              images,
            ),
          );
          expectTensorClose(inOneOp!.value, composed!.value);
          expectTensorClose(inOneOp!.grad, composed!.grad);
        });
        expectGradientMatches(
          (x) => tf.sum(tf.mul(tf.square(padBorder(x as tf.Tensor4D, padding, mode)), weights)),
          [images],
        );
      });
      tf.dispose([images, weights]);
    }
  });
}

test('padding by 0 changes nothing and does not take over the image', async () => {
  const image = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
  await expectNoLeak(() => {
    const same = reflectPad(image, 0);
    expectTensorClose(same, image, exact);
    same.dispose();
    assert.equal(image.isDisposed, false);
  });
  image.dispose();
});

test('refuses to reflect beyond the image', () => {
  const image = tf.ones([1, 3, 8, 1]) as tf.Tensor4D;
  assert.throws(() => reflectPad(image, 3), {
    name: 'RangeError',
    message: 'Cannot reflect 3 pixels at the border of an image of 8×3.',
  });
  image.dispose();
});

// When this fails tfjs has mended its gradient, and reflectPad can be tf.mirrorPad.
test("tfjs 4.22's own mirrorPad still drops the border's gradient, which is why it is not used", () => {
  tf.tidy(() => {
    const gradient = tf.grad((x) => tf.sum(tf.mirrorPad(x, [[2, 2]], 'reflect')))(tf.tensor1d([1, 2, 3, 4]));
    expectTensorClose(gradient, [1, 1, 1, 1], exact);
  });
});

test('edge repeated: values and gradient', async () => {
  const row = tf.tensor4d([1, 2, 3], [1, 1, 3, 1]);
  tf.tidy(() => {
    expectTensorClose(padBorder(row, 1, 'SYMMETRIC'), [1, 1, 2, 3, 3, 1, 1, 2, 3, 3, 1, 1, 2, 3, 3]);
    assert.throws(() => padBorder(row, 1, 'REFLECT'), RangeError);
    assert.throws(() => padBorder(row, 2, 'SYMMETRIC'), RangeError);
  });
  row.dispose();
  const image = tf.randomNormal([1, 4, 3, 2], 0, 1, 'float32', 1);
  const weights = tf.randomNormal([1, 8, 7, 2], 0, 1, 'float32', 2);
  await expectNoLeak(() => {
    expectGradientMatches(
      (x) => tf.sum(tf.mul(padBorder(x as tf.Tensor4D, 2, 'SYMMETRIC'), weights)),
      [image],
    );
  });
});

const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);

test('cropped, what is too much at the right and at the bottom is cut off', async () => {
  await expectNoLeak(() => {
    const like = tf.zeros<tf.Rank.R4>([1, 2, 1, 1]);
    const cropped = cropLike(image, like);
    assert.deepEqual(cropped.shape, [1, 2, 1, 1]);
    expectTensorClose(cropped, [1, 4]);
    tf.dispose([like, cropped]);
  });
});

test('the gradient of cropping is right, cut or not, and nothing leaks', async () => {
  for (const [height, width] of [
    [2, 3],
    [3, 3],
  ] as const) {
    const like = tf.zeros<tf.Rank.R4>([1, height, width, 1]);
    const weights = tf.randomNormal(like.shape, 0, 1, 'float32', 1);
    await expectNoLeak(() => {
      expectGradientMatches((x) => tf.sum(tf.mul(cropLike(x as tf.Tensor4D, like), weights)), [image]);
    });
    tf.dispose([like, weights]);
  }
});

test('the shape to crop to is read when the op runs: a function compiled once serves every size', () => {
  const compiled = compile(
    ({ x, y }: { x: tf.Tensor4D; y: tf.Tensor4D }) => ({
      outputs: { cropped: cropLike(x, y), shape: tf.cast(shapeOf(x), 'float32') },
    }),
    {
      inputs: { x: [1, null, null, 1], y: [1, null, null, 1] },
    },
  );
  tf.tidy(() => {
    for (const [height, width] of [
      [2, 2],
      [3, 1],
    ] as const) {
      const { cropped, shape } = compiled.run({ x: image, y: tf.zeros([1, height, width, 1]) });
      assert.deepEqual(cropped.shape, [1, height, width, 1]);
      assert.deepEqual([...shape.dataSync()], [1, 3, 3, 1]);
    }
    assert.throws(
      () => compiled.run({ x: tf.zeros([1, 3, 3, 2]), y: tf.zeros([1, 2, 2, 1]) }),
      /input x of shape \[1,any,any,1\] but received \[1,3,3,2\]/,
    );
  });
  compiled.dispose();
});
