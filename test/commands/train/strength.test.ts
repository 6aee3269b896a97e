import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { readPicture } from '../../../src/data/image-file.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { ConfigError } from '../../../src/system/errors.ts';
import { parseTrainConfig } from '../../../src/train/config.ts';
import { withStrength } from '../../../src/train/run/strength.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('the command line wins over the file, the file over a resumed run, and that over strength 5', () => {
  const own = parseTrainConfig({ strength: 7, styleWeight: 3 });
  assert.deepEqual(withStrength({}, { steps: 1 }, undefined), { steps: 1, strength: 5 });
  assert.deepEqual(withStrength({}, {}, own), {});
  assert.deepEqual(withStrength({ strength: 2 }, { strength: 2 }, own), { strength: 2 });
  assert.deepEqual(withStrength({ styleWeight: 9 }, { styleWeight: 9, strength: 4 }, own), {
    styleWeight: 9,
    strength: 0,
  });
  assert.deepEqual(withStrength({}, { styleWeight: 9 }, undefined), { styleWeight: 9, strength: 0 });
  assert.deepEqual(withStrength({}, { strength: 4, styleWeight: 9 }, undefined), {
    strength: 4,
    styleWeight: 9,
  });
  assert.throws(() => withStrength({ strength: 3, contentWeight: 1 }, {}, undefined), ConfigError);
});

async function material(folder: string): Promise<string[]> {
  const painting = await drawnPhoto(join(folder, "it's wave.png"), 60, 48, { seed: 9 });
  const dataset = await tinyDataset(folder, 5);
  const lossNetwork = await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  const layers = ['--style-layers', 'relu1_1,relu2_1:0.5', '--content-layers', 'relu2_2'];
  const words = ['--style', painting, '--data', dataset, '--loss-network', lossNetwork, ...layers];
  return [...words, '--image-size', '32'];
}

test('train takes the weight of a strength, keeps it in the checkpoint, and resumes with it', async (t) => {
  const cwd = await temporaryFolder(t);
  const given = await material(cwd);
  const small = ['--architecture', 'c3s1-4,c3s1-3', '--batch', '2', '--warmup', '1'];
  const train = ['train', ...given, ...small, '--name', 'w', '--preview-every', '0', '--precision', 'f32'];
  train.push('--style-size', '64');
  const first = await callCommand([...train, '--steps', '1', '--strength', '3'], { cwd });
  assert.equal(first.code, 0, first.stderr);
  const said = /Strength 3 is a style weight of (\S+) with this loss network/.exec(first.stderr)?.[1];
  const { training } = await loadCheckpoint(join(cwd, 'checkpoints', 'w.safetensors'));
  assert.equal(training.strength, 3);
  assert.equal(training.styleWeight, Number(said));
  const [resumed, both, beyond] = [
    await callCommand([...train, '--steps', '2', '--resume'], { cwd }),
    await callCommand([...train, '--overwrite', '--strength', '3', '--style-weight', '2'], { cwd }),
    await callCommand([...train, '--overwrite', '--strength', '11'], { cwd }),
  ];
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.doesNotMatch(resumed.stderr, /Strength/);
  const after = (await loadCheckpoint(join(cwd, 'checkpoints', 'w.safetensors'))).training;
  assert.deepEqual([after.strength, after.styleWeight, after.steps], [3, Number(said), 2]);
  expectUserError(both, /--strength, or --style-weight and --content-weight but received both/, 2);
  expectUserError(beyond, /a number from 1 to 10 for --strength but received 11/, 2);
});

test('calibrate writes a sheet, figures and the command of each cell', async (t) => {
  const cwd = await temporaryFolder(t);
  const given = await material(cwd);
  const small = ['--architecture', 'c3s1-4,c3s1-3', '--from', 'none'];
  const calibrate = ['calibrate', ...given, ...small, '--out', 'grid.png'];
  const grid = ['--strengths', '2,4', '--style-sizes', '48,64', '--photos', '2', '--try-steps', '2'];
  const done = await runCli([...calibrate, ...grid], { cwd });
  assert.equal(done.code, 0, done.stderr);
  const commands = done.stdout.trimEnd().split('\n');
  const { cells } = JSON.parse(await readFile(join(cwd, 'grid.json'), 'utf8')) as {
    cells: { strength: number; styleSize: number; styleWeight: number; train: string }[];
  };
  assert.deepEqual(
    cells.map(({ strength, styleSize }) => [strength, styleSize]),
    [
      [2, 48],
      [4, 48],
      [2, 64],
      [4, 64],
    ],
  );
  assert.ok(cells[0]!.styleWeight < cells[1]!.styleWeight);
  assert.deepEqual(
    cells.map(({ train }) => train),
    commands,
  );
  assert.match(
    commands[3]!,
    /^fast-style train --style '.*it'\\''s wave\.png' --data .* --strength 4 --style-size 64$/,
  );
  assert.match(commands[3]!, / --style-layers relu1_1,relu2_1:0\.5 /);
  const { width, height } = await readPicture(join(cwd, 'grid.png'));
  // Two columns of two photos of 32 px; a row for painting and photos, and one for each size.
  assert.ok(width > 2 * 64 && height > 3 * 32, `${width}×${height}`);
  const [inTheWay, unsorted, raw] = await Promise.all([
    callCommand(calibrate, { cwd }),
    callCommand([...calibrate, '--overwrite', '--strengths', '2,spoons'], { cwd }),
    callCommand([...calibrate, '--overwrite', '--style-weight', '3'], { cwd }),
  ]);
  expectUserError(inTheWay, /grid\.png/);
  expectUserError(unsorted, /different numbers like 2,5,8 for --strengths but received 2,spoons/, 2);
  assert.equal(raw.code, 2);
});
