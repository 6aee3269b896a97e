import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import { cropLike, shapeOf } from '../../../src/engine/ops/crop-like.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);

test('what is too much at the right and at the bottom is cut off', async () => {
  await expectNoLeak(() => {
    const like = tf.zeros<tf.Rank.R4>([1, 2, 1, 1]);
    const cropped = cropLike(image, like);
    assert.deepEqual(cropped.shape, [1, 2, 1, 1]);
    expectTensorClose(cropped, [1, 4]);
    tf.dispose([like, cropped]);
  });
});

test('the gradient is right, cut or not, and nothing is left behind', async () => {
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

test('a shape is read when the op runs: a function compiled once serves every size', () => {
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
