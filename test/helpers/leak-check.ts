import assert from 'node:assert/strict';
import * as tf from '../../src/engine/tensorflow.ts';

/** Fails unless `run` leaves exactly as many tensors and data buffers as it found. Answers what `run` answers. */
export async function expectNoLeak<T>(run: () => T | Promise<T>): Promise<T> {
  const before = tf.memory();
  const result = await run();
  const after = tf.memory();
  assert.equal(after.numTensors - before.numTensors, 0, 'tensors left behind');
  assert.equal(after.numDataBuffers - before.numDataBuffers, 0, 'data buffers left behind');
  return result;
}
