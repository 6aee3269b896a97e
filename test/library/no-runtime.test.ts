/** A process of its own, whose cache has no TensorFlow. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AS_LOADED } from '../helpers/as-loaded.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, tinyDataset } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

test('where TensorFlow is not set up, importing works, and all that needs it rejects and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await writeTinyCheckpoint(at('tiny.safetensors'));
  await writeTinyLossNetwork(at('vgg.safetensors'));
  await drawnPhoto(at('photo.png'), 48, 36);
  await tinyDataset(folder, 5);
  await mkdir(at('empty'));
  const library = new URL('../../src/index.ts', import.meta.url).href;
  const program = `import * as library from '${library}';
    const { calibrate, checkStyle, compare, optimize, planTraining } = library;
    const { RuntimeSetupError, Stylizer, train, Trainer } = library;
    const losses = { lossNetwork: 'vgg.safetensors', styleWeight: 4 };
    const small = { ...losses, architecture: 'c3s1-4,c3s1-3', imageSize: 32, styleSize: 48, batch: 2, steps: 2 };
    const asked = {
      load: () => Stylizer.load('tiny.safetensors'),
      thread: () => Stylizer.load('tiny.safetensors', { thread: true }),
      train: () => train({ ...small, style: 'photo.png', data: 'dataset' }),
      plan: () => planTraining({ ...small, style: 'photo.png', data: 'dataset' }),
      calibrate: () => calibrate({ lossNetwork: 'vgg.safetensors', style: 'photo.png', data: 'dataset', imageSize: 32 }),
      compare: () => compare({ style: 'tiny.safetensors', photos: 'photos', painting: 'photo.png', out: 'out' }),
      check: () => checkStyle({ style: 'tiny.safetensors', painting: 'photo.png' }),
      trainer: () => Trainer.create({ ...small, style: 'photo.png', photos: () => [] }),
      optimize: () => optimize({ ...losses, content: 'photo.png', style: 'photo.png', out: 'out.png' }),
    };
    for (const [name, ask] of Object.entries(asked))
      await ask().then(
        () => console.log(name, 'resolved'),
        (error) => console.log(name, error instanceof RuntimeSetupError, error.message.split(';')[0]),
      );`;
  const before = await readdir(folder);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...AS_LOADED, '--input-type=module', '-e', program],
    {
      ...{ cwd: folder, encoding: 'utf8', timeout: 120_000 },
      env: { ...process.env, FAST_STYLE_CACHE: at('empty'), FAST_STYLE_BINDING: '' },
    },
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const names = ['load', 'thread', 'train', 'plan', 'calibrate', 'compare', 'check', 'trainer', 'optimize'];
  assert.equal(stdout, names.map((name) => `${name} true The TensorFlow runtime is not set up\n`).join(''));
  assert.deepEqual(await readdir(folder), before);
});
