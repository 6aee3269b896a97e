import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import test from 'node:test';
import { batches } from '../../src/data/batches.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyDataset } from '../helpers/tiny-dataset.ts';

const BATCHES = 6;
/** Milliseconds of a native call; the decoding of a batch takes a tenth of it. */
const STEP = 250;

test('batches are decoded while a step blocks the event loop', async (t) => {
  const dataset = await tinyDataset(await temporaryFolder(t), 6, 256);
  const photos = batches({ dataset, imageSize: 256, batch: 4, seed: 1 });
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  /** Milliseconds until the next batch is there. */
  const waited = async () => {
    const before = performance.now();
    await photos.next();
    return performance.now() - before;
  };
  const first = await waited();
  let between = 0;
  for (let i = 0; i < BATCHES; i++) {
    // As TensorFlow's session call does: JavaScript waits, other threads go on.
    Atomics.wait(sleeper, 0, 0, STEP);
    between += await waited();
  }
  await photos.return();
  t.diagnostic(`waited ${first.toFixed(1)} ms for the first batch, ${between.toFixed(1)} ms between steps`);
  assert.ok(
    // Other work on the machine makes either longer; waiting for whole batches would take BATCHES times the first.
    between < 0.75 * BATCHES * first,
    `${between} ms between ${BATCHES} steps, ${first} ms before the first`,
  );
});
