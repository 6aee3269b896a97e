import assert from 'node:assert/strict';
import * as tf from '../../src/engine/tensorflow.ts';

export interface Closeness {
  /** Largest difference allowed, whatever the value. Defaults to 1e-6. */
  readonly absolute?: number;
  /** Largest difference allowed as a share of the expected value. Defaults to 1e-5, some roundings of float32. */
  readonly relative?: number;
  /** What is compared, for the message. */
  readonly what?: string;
}

type Values = tf.Tensor | ArrayLike<number>;

/**
 * Fails unless every value is close to the one expected, and finite. Of tensors the shapes must agree as well.
 * Reads the tensors and disposes of none.
 */
export function expectTensorClose(
  actual: Values,
  expected: Values,
  { absolute = 1e-6, relative = 1e-5, what = 'tensor' }: Closeness = {},
): void {
  if (actual instanceof tf.Tensor && expected instanceof tf.Tensor) {
    assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
  }
  const [got, wanted] = [valuesOf(actual), valuesOf(expected)];
  assert.equal(got.length, wanted.length, `${what}: number of values`);
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    // Written so that NaN fails.
    if (!(difference <= absolute + relative * Math.abs(wanted[i]!))) {
      assert.fail(
        `${what}: value ${i} is ${got[i]} where ${wanted[i]} is expected (difference ${difference})`,
      );
    }
  }
}

/** Largest difference as a share of the largest expected value: one figure for how far two tensors are apart. */
export function relativeDistance(actual: Values, expected: Values): number {
  const [got, wanted] = [valuesOf(actual), valuesOf(expected)];
  assert.equal(got.length, wanted.length, 'number of values');
  let [difference, size] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const here = Math.abs(got[i]! - wanted[i]!);
    if (!Number.isFinite(here)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, here);
    size = Math.max(size, Math.abs(wanted[i]!));
  }
  return difference / Math.max(size, Number.MIN_VALUE);
}

function valuesOf(values: Values): ArrayLike<number> {
  return values instanceof tf.Tensor ? values.dataSync() : values;
}
