/** What someone has who has just installed the program: no weights and no internet. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPicture } from '../../src/data/image-file.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { freshCache } from '../helpers/fresh-cache.ts';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { drawnPhoto, tinyDataset } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const SAID =
  "Loss network: compact, which is shipped; 'fast-style weights fetch vgg19' brings the full one.\n";

test('training and optimising work with the loss network that is shipped, and say so', async (t) => {
  const { folder, env } = await freshCache(t);
  const style = await drawnPhoto(join(folder, 'wave.png'), 96, 64, { seed: 9 });
  const content = await drawnPhoto(join(folder, 'photo.png'), 64, 48);
  const data = await tinyDataset(folder, 4);
  const optimised = await runCli(
    [
      'optimize',
      '--content',
      content,
      '--style',
      style,
      '--out',
      'print.png',
      '--size',
      '64',
      '--iterations',
      '3',
    ],
    { cwd: folder, env },
  );
  assert.equal(optimised.code, 0, optimised.stderr);
  assert.ok(optimised.stderr.startsWith(SAID), optimised.stderr);
  assert.equal((await readPicture(join(folder, 'print.png'))).width, 64);

  const words = ['--architecture', 'c3s1-4,d6,R6,u4,c3s1-3', '--image-size', '48', '--style-size', '64'];
  const trained = await runCli(
    [
      'train',
      '--style',
      style,
      '--data',
      data,
      '--steps',
      '2',
      '--style-weight',
      '4',
      '--preview-every',
      '0',
      ...words,
    ],
    { cwd: folder, env },
  );
  assert.equal(trained.code, 0, trained.stderr);
  assert.equal(trained.stderr.split(SAID).length, 2, 'said once');
  const { training, lossNetwork } = await loadCheckpoint(join(folder, 'checkpoints', 'wave.safetensors'));
  assert.equal(training.lossNetwork, 'compact');
  assert.equal(lossNetwork.sha256, (await readLossNetworkWeights('compact')).sha256);
});

test('VGG19 is the default where it is there, and any can be named', async (t) => {
  const { folder, env } = await freshCache(t);
  const style = await drawnPhoto(join(folder, 'wave.png'), 64, 64, { seed: 9 });
  const content = await drawnPhoto(join(folder, 'photo.png'), 64, 48);
  await mkdir(join(env.FAST_STYLE_CACHE!, 'weights'));
  await writeTinyLossNetwork(join(env.FAST_STYLE_CACHE!, 'weights', 'vgg19.safetensors'));
  const optimise = (out: string, ...words: string[]) =>
    runCli(
      [
        'optimize',
        '--content',
        content,
        '--style',
        style,
        '--out',
        out,
        '--size',
        '48',
        '--iterations',
        '0',
        ...words,
      ],
      { cwd: folder, env },
    );
  const { code, stderr } = await optimise('print.png');
  assert.equal(code, 0, stderr);
  assert.ok(!stderr.includes(SAID), stderr);
  const lacking = await optimise('lacking.png', '--loss-network', 'compact', '--content-layers', 'relu4_4');
  expectUserError(lacking, /relu4_4; it has .*relu4_2, pool4, relu5_1/);
});
