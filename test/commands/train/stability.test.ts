import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { givenConfig } from '../../../src/commands/train/call.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { DEFAULT_TRAIN_CONFIG } from '../../../src/train/config.ts';
import { DEFAULT_CHANGES, USUAL_STABILITY } from '../../../src/train/stability-setting.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError } from '../../helpers/run-cli.ts';
import { sharedFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const folder = sharedFolder();
const at = (name: string) => join(folder, name);

before(async () => {
  await tinyDataset(folder, 4);
  await writeTinyLossNetwork(at('vgg.safetensors'));
  await drawnPhoto(at('wave.png'), 60, 48, { seed: 9 });
});

const train = (...more: readonly string[]) => [
  ...`train --style ${at('wave.png')} --data ${at('dataset')} --loss-network ${at('vgg.safetensors')}`.split(
    ' ',
  ),
  ...'--architecture c3s1-4,c3s1-3 --style-layers relu1_1 --content-layers relu2_2'.split(' '),
  ...'--image-size 32 --style-size 64 --batch 2 --steps 3 --style-weight 4'.split(' '),
  ...'--precision f32 --preview-every 0 --out . --run run'.split(' '),
  ...more,
];

test('--stability trains for steadiness, and log, state and checkpoint say so', async () => {
  const result = await callCommand(train('--stability', '--stability-changes', 'shift:4,noise'), {
    cwd: folder,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /3 steps of 2 pictures at 32 px, for stability from step 3 on, in f32/);
  const lines = (await readFile(at('run/log.jsonl'), 'utf8')).trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, number>);
  const { stability, total, content, style, tv, lattice } = entries.find(({ event }) => event === undefined)!;
  assert.ok(stability! > 0 && stability! < 2, `${stability}`);
  const sum =
    content! +
    4 * style! +
    DEFAULT_TRAIN_CONFIG.tvWeight * tv! +
    0.01 * lattice! +
    USUAL_STABILITY * stability!;
  assert.ok(Math.abs(total! / sum - 1) < 1e-4, `${total} ${sum}`);
  const { training, losses } = await loadCheckpoint(at('wave.safetensors'));
  assert.equal(training.stabilityWeight, USUAL_STABILITY);
  assert.equal(training.stabilityFrom, 0.5);
  assert.deepEqual(training.stabilityChanges, { shift: 4, noise: DEFAULT_CHANGES.noise });
  assert.equal(losses.stability, stability);
});

test('weights that are no number and unknown changes are refused', async () => {
  const faulty = [
    ['--stability', 'much'],
    ['--stability-changes', 'spin:3'],
    ['--stability-changes', 'noise:0'],
    ['--stability-from', '1.5'],
  ];
  // Each in a folder of its own: in one, only one at a time may train.
  const [word, spin, none, late] = await Promise.all(
    faulty.map((options, i) => {
      const args = train('--overwrite', ...options).map((arg) => (arg === 'run' ? `run-${i}` : arg));
      return callCommand(args, { cwd: folder });
    }),
  );
  expectUserError(word!, /a number from 0 to 1000000000 for stabilityWeight but received much/, 2);
  expectUserError(spin!, /amounts above 0 .*shift:64,.* but received .*spin.*for instance shift:8,/, 2);
  expectUserError(none!, /amounts above 0 .*noise:64 for stabilityChanges/, 2);
  expectUserError(late!, /a number from 0 to 1 for stabilityFrom but received 1\.5/, 2);
});

test('a weight is read from command line and file, and the command line wins', () => {
  const given = (typed: string) => givenConfig({ stabilityWeight: typed }, { stabilityWeight: 3 });
  assert.deepEqual(given('7.5'), { stabilityWeight: 7.5 });
  assert.deepEqual(given(''), { stabilityWeight: USUAL_STABILITY });
  assert.deepEqual(givenConfig({}, { stabilityWeight: 3 }), { stabilityWeight: 3 });
  assert.deepEqual(givenConfig({ stabilityChanges: 'zoom,noise:2' }, {}), {
    stabilityChanges: { zoom: DEFAULT_CHANGES.zoom, noise: 2 },
  });
});
