import assert from 'node:assert/strict';
import { access, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openDataset } from '../../src/data/dataset.ts';
import { readPicture } from '../../src/data/image-file.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { expectGradientMatches } from './finite-differences.ts';
import { expectNoLeak } from './leak-check.ts';
import { expectUserError, runCli } from './run-cli.ts';
import { withSmallDisk } from './small-disk.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { expectTensorClose, relativeDistance } from './tensor-close.ts';
import { tinyParameters, writeTinyCheckpoint } from './tiny-checkpoint.ts';
import { drawnPhoto, drawnPicture, tinyDataset } from './tiny-dataset.ts';
import { tinyLossNetwork, writeTinyLossNetwork } from './tiny-loss-network.ts';

test('expectTensorClose accepts roundings and refuses differences, NaN and other shapes', () => {
  const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const b = tf.tensor2d([1, 2, 3, 4.00001], [2, 2]);
  const flat = tf.tensor1d([1, 2, 3, 4]);
  expectTensorClose(a, b);
  expectTensorClose(a, [1, 2, 3, 4]);
  assert.throws(() => expectTensorClose(a, [1, 2, 3, 4.1]), /value 3 is 4 where 4.1 is expected/);
  assert.throws(() => expectTensorClose([Number.NaN], [0], { absolute: 1e9 }), /value 0 is NaN/);
  assert.throws(() => expectTensorClose(a, flat), /shape/);
  assert.throws(() => expectTensorClose([1, 2], [1]), /number of values/);
  assert.equal(relativeDistance([1, 2], [1, 4]), 0.5);
  assert.equal(relativeDistance([Number.NaN], [1]), Number.POSITIVE_INFINITY);
  tf.dispose([a, b, flat]);
});

test('expectGradientMatches passes a right gradient and catches a wrong one', async () => {
  const x = tf.tensor1d([0.5, -1, 2]);
  const y = tf.tensor1d([1.5, 0.3, -0.7]);
  await expectNoLeak(() => expectGradientMatches((a, b) => tf.sum(tf.mul(tf.square(a!), b!)), [x, y]));
  const doubled = tf.customGrad((a) => ({
    value: tf.square(a as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.mul(a as tf.Tensor, 2.1)),
  }));
  assert.throws(() => expectGradientMatches((a) => tf.sum(doubled(a!)), [x]), /finite differences say/);
  tf.dispose([x, y]);
});

test('expectNoLeak catches a tensor left behind, and one whose data a clone still holds', async () => {
  const left: tf.Tensor[] = [];
  await expectNoLeak(() => tf.scalar(1).dispose());
  await assert.rejects(
    expectNoLeak(() => {
      left.push(tf.scalar(1));
    }),
    /tensors left behind/,
  );
  const original = tf.scalar(2);
  const clone = original.clone();
  // One tensor fewer, one more: only the data buffers tell.
  await assert.rejects(
    expectNoLeak(() => {
      clone.dispose();
      left.push(tf.scalar(3));
    }),
    /data buffers left behind/,
  );
  assert.equal(await expectNoLeak(async () => 3), 3);
  tf.dispose([...left, original]);
});

test('a tiny loss network reads back from its file as it was drawn', async (t) => {
  const folder = await temporaryFolder(t);
  for (const kind of ['vgg19', 'vgg16'] as const) {
    const options = { kind, padding: 'reflect', last: 'conv4_2' } as const;
    const path = await writeTinyLossNetwork(join(folder, `${kind}.safetensors`), options);
    const { source: _, sha256: __, ...read } = await readLossNetworkWeights(path);
    const { source: ___, sha256: ____, ...drawn } = tinyLossNetwork(options);
    assert.deepEqual(read, drawn);
    assert.equal([...read.layers.keys()].at(-1), 'conv4_2');
  }
  assert.deepEqual(tinyLossNetwork({ seed: 3 }), tinyLossNetwork({ seed: 3 }));
  assert.notDeepEqual(tinyLossNetwork({ seed: 3 }).layers, tinyLossNetwork({ seed: 4 }).layers);
});

test('drawn pictures vary, differ from one another, and make a data set', async (t) => {
  const folder = await temporaryFolder(t);
  const picture = drawnPicture(40, 30, 5);
  assert.deepEqual(picture, drawnPicture(40, 30, 5));
  assert.notDeepEqual(picture.pixels, drawnPicture(40, 30, 6).pixels);
  const path = await drawnPhoto(join(folder, 'a.png'), 40, 30, { seed: 5 });
  assert.deepEqual(new Uint8Array((await readPicture(path)).pixels), picture.pixels);
  const dataset = await openDataset(await tinyDataset(folder, 3));
  assert.equal(dataset.count, 3);
  assert.equal(dataset.size, 64);
  await dataset.close();
});

test('a tiny checkpoint is one that loads', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'a.safetensors'), 'c3s1-3');
  const { parameters, steps } = await loadCheckpoint(path);
  assert.equal(steps, 3);
  assert.deepEqual(
    tinyParameters('c3s1-3').map(({ name }) => name),
    parameters.map(({ name }) => name),
  );
});

test('a small disk holds no more than its size, and is removed', async (t) => {
  let disk = '';
  await t.test('inner', (inner) =>
    withSmallDisk(inner, 20, async (folder) => {
      disk = folder;
      await writeFile(join(folder, 'fits'), new Uint8Array(8000));
      await assert.rejects(writeFile(join(folder, 'more'), new Uint8Array(40_000)), { code: 'ENOSPC' });
    }),
  );
  if (disk === '') t.skip('no small disk here');
  else await assert.rejects(access(disk));
});

test('a temporary folder is removed with its test', async (t) => {
  let folder = '';
  await t.test('inner', async (inner) => {
    folder = await temporaryFolder(inner);
    assert.ok((await stat(folder)).isDirectory());
  });
  await assert.rejects(access(folder));
});

test('runCli answers exit code and both streams; expectUserError wants one line', async () => {
  const [version, wrong] = await Promise.all([runCli(['--version']), runCli(['stylize', 'a.jpg'])]);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(version.stderr, '');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /style/);
  const line = { code: 1, signal: null, stdout: '', stderr: 'fast-style: no such file.\n' };
  expectUserError(line, /no such file/);
  assert.throws(() => expectUserError({ ...line, code: 70 }, /no such file/));
  assert.throws(() => expectUserError({ ...line, stderr: `${line.stderr}    at stack\n` }, /no such/));
  assert.throws(() => expectUserError({ ...line, stdout: 'done' }, /no such/));
});
