/** What someone has who has just installed the program: no weights and no internet. */
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readPicture } from '../../../src/data/image-file.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { freshCache } from '../../helpers/fresh-cache.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const SAID =
  "Loss network: compact, which is shipped; for better strokes run 'fast-style weights fetch vgg16' (60 MB) or 'fast-style weights fetch vgg19' (80 MB).\n";

async function prepared(
  t: TestContext,
): Promise<{ readonly folder: string; readonly env: Record<string, string> }> {
  const folder = await temporaryFolder(t);
  return { folder, env: await freshCache(folder) };
}

test('training and optimising work with the shipped loss network, and say so', async (t) => {
  const { folder, env } = await prepared(t);
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

  const words = ['--architecture', 'c3s1-4,c3s1-3', '--image-size', '48', '--style-size', '64'];
  const trained = await callCommand(
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

test('VGG19 is the default if stored, else VGG16, and any can be named', async (t) => {
  const { folder, env } = await prepared(t);
  const style = await drawnPhoto(join(folder, 'wave.png'), 64, 64, { seed: 9 });
  const content = await drawnPhoto(join(folder, 'photo.png'), 64, 48);
  const weights = join(env.FAST_STYLE_CACHE!, 'weights');
  await mkdir(weights);
  const vgg19 = await writeTinyLossNetwork(join(weights, 'vgg19.safetensors'));
  await writeTinyLossNetwork(join(weights, 'vgg16.safetensors'), { kind: 'vgg16' });
  const optimise = (out: string, ...words: string[]) =>
    callCommand(
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
  assert.ok(stderr.startsWith('Loss network: vgg19.\n'), stderr);
  await rm(vgg19);
  const second = await optimise('second.png');
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /^Loss network: vgg16; 'fast-style weights fetch vgg19' brings VGG19/);
  const absent = await optimise('absent.png', '--loss-network', 'vgg19');
  expectUserError(absent, /no weights called vgg19 in .*; run 'fast-style weights fetch vgg19' or/);
  const lacking = await optimise('lacking.png', '--loss-network', 'compact', '--content-layers', 'relu4_3');
  expectUserError(lacking, /relu4_3; it has .*relu4_2, pool4, relu5_1/);
});
