import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../../src/engine/tensorflow.ts';
import { clippedGradients } from '../../../src/train/step/adam.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { config, run, trainer } from '../tiny-trainer.ts';

const values = (tensors: Readonly<Record<string, tf.Tensor>>) =>
  Object.values(tensors).map((tensor) => [...tensor.dataSync()]);

test('a gradient that is too long is shortened as a whole, a shorter one stays', async () => {
  await expectNoLeak(() => {
    const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[4]]) };
    const none = { a: tf.zeros([2]) };
    const [short, as, zero] = [
      clippedGradients(gradients, 1),
      clippedGradients(gradients, 5),
      clippedGradients(none, 1),
    ];
    assert.deepEqual(
      values(short).map((of) => of.map((value) => Number(value.toFixed(6)))),
      [[0.6, 0], [0.8]],
    );
    assert.deepEqual(values(as), [[3, 0], [4]]);
    assert.deepEqual(values(zero), [[0, 0]]);
    tf.dispose([gradients, none, short, as, zero]);
  });
});

async function losses(clipNorm: number, accumulate = 1) {
  const of = await trainer({ config: { ...config, clipNorm }, accumulate });
  const progress = await run(of, 4);
  of.dispose();
  return progress.map(({ losses: { total } }) => total);
}

test('training follows clipped gradients, in one piece and accumulated', async () => {
  const free = await losses(0);
  // A limit beyond every gradient changes nothing, to the bit.
  assert.deepEqual(await losses(1e8), free);
  const clipped = await losses(0.05);
  assert.equal(clipped[0], free[0]);
  assert.notEqual(clipped.at(-1), free.at(-1));
  const inParts = await losses(0.05, 2);
  clipped.forEach((total, i) => {
    assert.ok(Math.abs(total - inParts[i]!) < 1e-4 * total, `step ${i}: ${total} and ${inParts[i]}`);
  });
});
