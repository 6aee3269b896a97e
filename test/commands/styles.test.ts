import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

test('lists the styles at hand, past files that are none, and inspects one', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'checkpoints'));
  await writeTinyCheckpoint(join(cwd, 'checkpoints', 'a-noise.safetensors'), 'c3s1-3');
  await writeFile(join(cwd, 'checkpoints', 'b-broken.safetensors'), 'nothing at all');
  await writeTinyLossNetwork(join(cwd, 'checkpoints', 'c-vgg.safetensors'));
  await writeTinyCheckpoint(join(cwd, 'checkpoints', 'd-noise.safetensors'), 'c3s1-3');
  const [list, inspected, unknown] = await Promise.all([
    runCli(['styles'], { cwd }),
    runCli(['styles', 'inspect', 'a-noise'], { cwd }),
    runCli(['styles', 'inspect', 'spoons'], { cwd }),
  ]);
  assert.equal(list.code, 0, list.stderr);
  for (const name of ['a-noise', 'd-noise'])
    assert.match(list.stdout, new RegExp(`^${name}\tNoise\t12 images\tc3s1-3\t.*$`, 'm'));
  assert.match(list.stderr, /^b-broken: .*not a sound safetensors file/m);
  assert.match(list.stderr, /^c-vgg: .*of another kind/m);

  assert.equal(inspected.code, 0, inspected.stderr);
  const { architecture, style, steps, losses, weights, thumbnail } = JSON.parse(inspected.stdout);
  assert.deepEqual(
    { architecture, style, steps, losses, weights, thumbnail },
    {
      architecture: 'c3s1-3',
      style: { file: 'tiny.png', title: 'Noise' },
      steps: 3,
      losses: { total: 1 },
      weights: 3 * 3 * 3 * 3 + 3,
      thumbnail: 'JPEG, 7 bytes',
    },
  );
  expectUserError(unknown, /received spoons; styles at hand: a-noise, b-broken, c-vgg, d-noise/);
});
