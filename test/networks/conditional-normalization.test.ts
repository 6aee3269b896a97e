import assert from 'node:assert/strict';
import test from 'node:test';
import { instanceNormalization } from '../../src/engine/ops/instance-normalization.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { chooseStyle, weightedSum } from '../../src/networks/conditional-normalization.ts';
import {
  asOnlyStyle,
  mixedParameters,
  parametersOfStyle,
  withStyleAdded,
} from '../../src/networks/conditional-parameters.ts';
import type { NamedArray } from '../../src/networks/safetensors.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';

const scales = tf.tensor2d([
  [1, 2, -0.5],
  [0.3, -1, 2],
]);
const offsets = tf.tensor2d([
  [0, 1, -2],
  [3, 0.5, 0],
]);
const second = tf.tensor1d([0, 1]);

/** Conditional instance normalisation of an image, as the transform net has it. */
function normalize(images: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, choice = second): tf.Tensor {
  return tf.tidy(() => {
    const own = chooseStyle({ 'a.scale': scale, 'a.offset': offset, 'a.kernel': images }, choice);
    assert.equal(own['a.kernel'], images, 'what is shared stays the same tensor');
    return instanceNormalization(
      images as tf.Tensor4D,
      own['a.scale'] as tf.Tensor1D,
      own['a.offset'] as tf.Tensor1D,
    );
  });
}

test('the chosen style normalises exactly as if it were alone', async () => {
  const images = tf.randomNormal([1, 4, 3, 3], 2, 3, 'float32', 1);
  await expectNoLeak(() =>
    tf.tidy(() => {
      const alone = instanceNormalization(
        images as tf.Tensor4D,
        tf.tensor1d([0.3, -1, 2]),
        tf.tensor1d([3, 0.5, 0]),
      );
      expectTensorClose(normalize(images, scales, offsets), alone, { absolute: 0, relative: 0 });
    }),
  );
  images.dispose();
});

test('gradients to image, scales and offsets are right; those of the other style are 0', async () => {
  const images = tf.randomNormal([1, 4, 3, 3], 0, 1, 'float32', 2);
  const weights = tf.randomNormal([1, 4, 3, 3], 0, 1, 'float32', 4);
  const f = (x: tf.Tensor, s: tf.Tensor, o: tf.Tensor) =>
    tf.sum(tf.mul(tf.square(normalize(x, s, o)), weights)) as tf.Scalar;
  await expectNoLeak(() => expectGradientMatches(f, [images, scales, offsets], { tolerance: 2e-2 }));
  const [, toScales, toOffsets] = tf.grads(f as never)([images, scales, offsets]) as tf.Tensor[];
  for (const gradient of [toScales!, toOffsets!]) {
    const values = [...gradient.dataSync()];
    assert.deepEqual(values.slice(0, 3).map(Math.abs), [0, 0, 0]);
    assert.ok(values.slice(3).every((value) => value !== 0));
  }
  tf.dispose([images, weights, toScales!, toOffsets!]);
});

test('a sum over styles, of any rank', () => {
  tf.tidy(() => {
    const values = tf.tensor([1, 2, 3, 4, 10, 20, 30, 40], [2, 2, 2]);
    expectTensorClose(weightedSum(values, tf.tensor1d([0.5, 0.25])), tf.tensor2d([3, 6, 9, 12], [2, 2]));
    expectTensorClose(weightedSum(tf.tensor1d([3, 5]), tf.tensor1d([0, 1])), tf.scalar(5));
  });
});

const array = (name: string, shape: readonly number[], ...values: number[]): NamedArray => ({
  name,
  shape,
  values: Float32Array.from(values),
});

test('styles of a file: one taken out, two mixed, one added that leaves the others bit for bit', () => {
  const kernel = array('layers.0.kernel', [1, 1, 1, 2], 7, 8);
  const both = [
    kernel,
    array('layers.0.scale', [2, 2], 1, 2, 0.1, 0.7),
    array('layers.0.offset', [2, 2], 3, 4, 5, 6),
  ];
  const one = parametersOfStyle(both, 1);
  assert.equal(one[0], kernel);
  assert.deepEqual(one.slice(1), [
    array('layers.0.scale', [2], 0.1, 0.7),
    array('layers.0.offset', [2], 5, 6),
  ]);
  const mixed = mixedParameters(
    both,
    new Map([
      [0, 0.25],
      [1, 0.75],
    ]),
  );
  assert.deepEqual(mixed[2], array('layers.0.offset', [2], 0.25 * 3 + 0.75 * 5, 0.25 * 4 + 0.75 * 6));
  const own = new Map([
    ['layers.0.scale', Float32Array.of(9, 9.5)],
    ['layers.0.offset', Float32Array.of(-1, -2)],
  ]);
  const three = withStyleAdded(both, own);
  assert.deepEqual(three[1]!.shape, [3, 2]);
  for (const style of [0, 1])
    assert.deepEqual(parametersOfStyle(three, style), parametersOfStyle(both, style));
  assert.deepEqual(parametersOfStyle(three, 2)[1], array('layers.0.scale', [2], 9, 9.5));
  assert.deepEqual(parametersOfStyle(asOnlyStyle(one), 0), one);
  own.delete('layers.0.offset');
  assert.throws(() => withStyleAdded(both, own), /no layers\.0\.offset/);
});
