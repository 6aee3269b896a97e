import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import test from 'node:test';
import { padBorder } from '../../../src/engine/ops/pad-border.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { KeptRows, SpilledRows } from '../../../src/infer/bands/kept-rows.ts';
import { lowestRow } from '../../../src/infer/bands/mirrored.ts';
import { type RowStore, readMirrored } from '../../../src/infer/bands/row-source.ts';
import { ScratchFile } from '../../../src/system/scratch-file.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('stores give any rows, mirrored beyond the border as the network pads', async (t) => {
  const folder = await temporaryFolder(t);
  const [height, width, channels] = [11, 5, 2];
  const image = tf.randomUniform<tf.Rank.R4>([1, height, width, channels], -1, 1, 'float32', 1);
  await expectNoLeak(() => {
    for (const store of [new KeptRows(height), new SpilledRows(height, new ScratchFile(folder))]) {
      fill(store, image, 4);
      for (const mode of ['REFLECT', 'SYMMETRIC'] as const) {
        const padded = padBorder(image, 3, mode);
        for (const [from, to] of [
          [-3, 2],
          [-3, 14],
          [0, 11],
          [3, 6],
          [5, 13],
          [10, 14],
          [-1, 0],
        ] as const) {
          const rows = readMirrored(store, { from, to }, mode);
          // The columns are padded in the network; rows are all that is compared.
          const wanted = tf.slice(padded, [0, from + 3, 3, 0], [1, to - from, width, channels]);
          assert.deepEqual(rows.dataSync(), wanted.dataSync(), `${mode} ${from} to ${to}`);
          tf.dispose([rows, wanted]);
          const lowest = lowestRow({ from, to }, height, mode);
          assert.ok(lowest <= Math.max(0, from) && lowest >= 0);
        }
        padded.dispose();
      }
      store.dispose();
    }
  });
  assert.deepEqual(await readdir(folder), []);
  image.dispose();
});

test('rows in memory are freed as soon as they are released', () => {
  const image = tf.randomUniform<tf.Rank.R4>([1, 12, 5, 2]);
  const before = tf.memory().numTensors;
  const store = new KeptRows(12);
  fill(store, image, 4);
  assert.equal(tf.memory().numTensors, before + 3);
  store.release(7);
  assert.equal(tf.memory().numTensors, before + 2);
  store.release(8);
  assert.equal(tf.memory().numTensors, before + 1);
  store.dispose();
  assert.equal(tf.memory().numTensors, before);
  image.dispose();
});

function fill(store: RowStore, image: tf.Tensor4D, rows: number): void {
  for (let from = 0; from < image.shape[1]; from += rows) {
    store.append(tf.slice(image, [0, from, 0, 0], [-1, Math.min(rows, image.shape[1] - from), -1, -1]));
  }
}
