/** By what a film broken off is known again. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Look } from '../../src/infer/finish/look.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { painterKey } from '../../src/video/run/painter.ts';
import { type FilmKey, SegmentStore } from '../../src/video/segment-store.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const MANNER = { look: undefined, precision: 'f32', steady: 'off' } as const;

test('programs, network, weights and look are in it', async (t) => {
  const folder = await temporaryFolder(t);
  const checkpoint = await loadCheckpoint(await writeTinyCheckpoint(join(folder, 'tiny.safetensors')));
  const own = await painterKey({ checkpoint, label: 'tiny' }, MANNER);
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(own['fast-style'], version);
  assert.match(String(own.tensorflow), /^\d+\.\d+/);
  assert.deepEqual(await painterKey({ checkpoint, label: 'by another name' }, MANNER), own);
  const [first, ...rest] = checkpoint.parameters;
  const other = { ...first!, values: first!.values.map((value, i) => (i === 0 ? value + 1 : value)) };
  const reshaped = { ...first!, shape: [...first!.shape, 1] };
  const mask = (width: number) => ({ width, height: 12 / width, pixels: new Uint8Array(36) });
  const look = (more: Partial<Look>): Look => ({ amount: 1, colors: 'photo', ...more });
  const keys = [
    own,
    await painterKey({ checkpoint: { ...checkpoint, parameters: [other, ...rest] }, label: '' }, MANNER),
    await painterKey({ checkpoint: { ...checkpoint, parameters: [reshaped, ...rest] }, label: '' }, MANNER),
    await painterKey({ checkpoint: { ...checkpoint, architecture: 'another' }, label: '' }, MANNER),
    await painterKey({ checkpoint: { ...checkpoint, margin: 8 }, label: '' }, MANNER),
    await painterKey({ checkpoint, label: '' }, { ...MANNER, precision: 'bf16' }),
    await painterKey({ checkpoint, label: '' }, { ...MANNER, steady: 'light' }),
    await painterKey({ checkpoint, label: '' }, { ...MANNER, look: look({}) }),
    await painterKey({ checkpoint, label: '' }, { ...MANNER, look: look({ mask: mask(3) }) }),
    await painterKey({ checkpoint, label: '' }, { ...MANNER, look: look({ mask: mask(4) }) }),
  ].map((key) => JSON.stringify(key));
  assert.equal(new Set(keys).size, keys.length);
});

test('parts of another version are refused with its name; the lock is free again', async (t) => {
  const folder = join(await temporaryFolder(t), 'to.mp4.parts');
  const open = (key: FilmKey) => SegmentStore.open(folder, 'mp4', key, { overwrite: false });
  const store = await open({ 'fast-style': '0.1.0' });
  await assert.rejects(
    open({ 'fast-style': '0.1.0' }),
    new RegExp(
      `a film's parts that no other process paints but received ${folder}, where process ${process.pid} on `,
    ),
  );
  store.release();
  await assert.rejects(
    open({ 'fast-style': '0.2.0' }),
    /a part of another film \(fast-style was 0\.1\.0, is 0\.2\.0\).*--overwrite/,
  );
  const again = await open({ 'fast-style': '0.1.0' });
  assert.deepEqual((await readdir(folder)).sort(), ['film.json', 'film.lock']);
  again.release();
  assert.deepEqual(await readdir(folder), ['film.json']);
});
