import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { loadRunState } from '../../../src/train/run/run-state.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { relativeDistance } from '../../helpers/tensor-close.ts';
import { trainer } from '../tiny-trainer.ts';
import { trainIn } from '../train-in-folder.ts';

test('state and checkpoint are saved at intervals and at the end, two states are kept', async (t) => {
  const folder = await temporaryFolder(t);
  const of = await trainer();
  const { previews, seen } = await trainIn(folder, of);
  const state = (step: number) => `state-00000000${step}.safetensors`;
  assert.deepEqual(seen, [[], [], [state(2)], [state(2)], [state(2), state(4)], [state(2), state(4)]]);
  assert.deepEqual(await readdir(join(folder, 'run')), ['log.jsonl', state(4), state(6)]);
  assert.deepEqual(previews, [4]);
  const lines = (await readFile(join(folder, 'run', 'log.jsonl'), 'utf8')).trim().split('\n');
  const [entry, ended] = lines.map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  const terms = ['total', 'content', 'style', 'tv', 'lattice', 'contentLayers', 'styleLayers'];
  const figures = ['learningRate', 'imagesPerSecond', 'memory'];
  assert.deepEqual(Object.keys(entry), ['step', ...terms, ...figures, 'time']);
  assert.deepEqual({ ...ended, time: '' }, { step: 6, event: 'ended', as: 'done', time: '' });
  const checkpoint = await loadCheckpoint(join(folder, 'out', 'tiny.safetensors'));
  assert.equal(checkpoint.steps, 6);
  assert.equal(checkpoint.images, 12);
  assert.ok(Math.abs(checkpoint.losses.total! - entry.total) < 1e-12);
  of.parameters().forEach(({ values }, i) => {
    assert.ok(relativeDistance(checkpoint.parameters[i]!.values, values) < 1e-3);
  });
  of.dispose();

  // Resumed when all is done: nothing to do, and the checkpoint with its losses stays as it is.
  const before = await readFile(join(folder, 'out', 'tiny.safetensors'));
  const done = await trainer({ resume: (await loadRunState(join(folder, 'run'))).state });
  await trainIn(folder, done);
  assert.deepEqual(await readFile(join(folder, 'out', 'tiny.safetensors')), before);
  done.dispose();
});

test('a stopped run ends after the current step with everything saved', async (t) => {
  const folder = await temporaryFolder(t);
  const of = await trainer();
  await trainIn(folder, of, { checkpointEvery: 100, stopAt: 3 });
  assert.equal(of.stepsDone, 3);
  assert.deepEqual(await readdir(join(folder, 'run')), ['log.jsonl', 'state-000000003.safetensors']);
  assert.equal((await loadCheckpoint(join(folder, 'out', 'tiny.safetensors'))).steps, 3);
  of.dispose();
});

test('a run stopped while a preview is painted saves before it ends', async (t) => {
  const folder = await temporaryFolder(t);
  const of = await trainer();
  await trainIn(folder, of, { checkpointEvery: 100, stopInPreview: true });
  const { state } = await loadRunState(join(folder, 'run'));
  assert.equal(state.step, of.stepsDone);
  assert.equal((await loadCheckpoint(join(folder, 'out', 'tiny.safetensors'))).steps, of.stepsDone);
  of.dispose();
});
