import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { styleTable } from '../../../src/commands/styles/command.ts';
import { readPicture } from '../../../src/data/image-file.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { foreignArrays, foreignOnnx, torchFile } from '../../helpers/foreign-style.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeStandIns, writeTinyCheckpoint, writeTinyStyles } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('lists the available styles, skips other files, and inspects one', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'checkpoints'));
  await writeTinyCheckpoint(join(cwd, 'checkpoints', 'a-noise.safetensors'), 'c3s1-3');
  await writeFile(join(cwd, 'checkpoints', 'b-broken.safetensors'), 'nothing at all');
  await writeTinyLossNetwork(join(cwd, 'checkpoints', 'c-vgg.safetensors'));
  await writeTinyCheckpoint(join(cwd, 'checkpoints', 'd-noise.safetensors'), 'c3s1-3');
  const [list, inspected, unknown] = await Promise.all([
    runCli(['styles'], { cwd }),
    callCommand(['styles', 'inspect', 'a-noise'], { cwd }),
    callCommand(['styles', 'inspect', 'spoons'], { cwd }),
  ]);
  assert.equal(list.code, 0, list.stderr);
  for (const name of ['a-noise', 'd-noise'])
    assert.match(list.stdout, new RegExp(`^${name}\tNoise\t\t\t.*${name}.safetensors$`, 'm'));
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
  expectUserError(unknown, /received spoons; available styles: a-noise, b-broken, c-vgg, d-noise/);
});

test('a network of another program becomes a style that paints and is refused where its training would have to be known', async (t) => {
  const cwd = await temporaryFolder(t);
  const arrays = foreignArrays();
  torchFile(join(cwd, 'candy.pth'), arrays);
  await writeFile(join(cwd, 'candy.onnx'), foreignOnnx(arrays));
  await drawnPhoto(join(cwd, 'photo.png'), 48, 40);
  const said = ['--title', 'Sweets', '--licence', 'MIT'];
  const made = await runCli(['styles', 'import', 'candy.pth', ...said], { cwd });
  assert.equal(made.code, 0, made.stderr);
  assert.equal(made.stdout, `${join('checkpoints', 'candy.safetensors')}\n`);
  const again = await callCommand(['styles', 'import', 'candy.onnx'], { cwd });
  expectUserError(again, /candy\.safetensors exists already/);
  const named = ['styles', 'import', 'candy.onnx', '--name', 'sugar', '--out', 'more'];
  assert.equal((await callCommand(named, { cwd })).code, 0);
  const { style, training } = JSON.parse((await callCommand(['styles', 'inspect', 'candy'], { cwd })).stdout);
  assert.deepEqual([style, training.imported.file], [{ title: 'Sweets', licence: 'MIT' }, 'candy.pth']);
  const painted = await callCommand(['stylize', 'photo.png', '--style', 'candy', '--out', 'out.png'], {
    cwd,
  });
  assert.equal(painted.code, 0, painted.stderr);
  const { width, height } = await readPicture(join(cwd, 'out.png'));
  assert.deepEqual([width, height], [48, 40]);
  const compare = ['compare', '--style', 'candy', '--photos', '.', '--painting', 'photo.png'];
  expectUserError(await callCommand(compare, { cwd }), /received candy, which is imported/, 2);
  expectUserError(
    await callCommand(['styles', 'import', 'photo.png'], { cwd }),
    /Expected a state dictionary of PyTorch .* received a file of another kind/,
  );
});

test('a sheet shows every style next to its painting, for a photo', async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, 'checkpoints'));
  await writeTinyCheckpoint(join(cwd, 'checkpoints', 'great-wave.safetensors'));
  await writeStandIns(join(cwd, 'checkpoints'), 'great-wave', 'ink', 'mosaic');
  await writeTinyStyles(join(cwd, 'checkpoints', 'two.safetensors'), ['dawn', 'dusk'], 'c3s1-3');
  await drawnPhoto(join(cwd, 'photo.png'), 64, 48);
  const sheet = ['styles', 'sheet', 'sheet.png', '--photo', 'photo.png'];
  const made = await runCli(sheet, { cwd });
  assert.equal(made.code, 0, made.stderr);
  assert.equal(made.stdout, 'sheet.png\n');
  assert.match(made.stderr, /^great-wave: .*the painting in great-wave/m, 'its small picture is none');
  // The photo, and two styles in a row of what is here and what is shipped, each with its painting.
  const styles = (await callCommand(['styles'], { cwd })).stdout.trimEnd().split('\n').length;
  const { height, width } = await readPicture(join(cwd, 'sheet.png'));
  const [cell, gap, caption] = [{ width: 320, height: 240 }, 12, 20];
  const rows = 1 + Math.ceil(styles / 2);
  assert.deepEqual(
    [width, height],
    [gap + 4 * (cell.width + gap), gap + rows * (cell.height + caption + gap)],
    `${styles} styles`,
  );
  const [again, kind] = await Promise.all([
    callCommand(sheet, { cwd }),
    callCommand(['styles', 'sheet', 'sheet.doc'], { cwd }),
  ]);
  expectUserError(again, /sheet\.png/);
  expectUserError(kind, /sheet\.doc/, 2);
});

test('styles are listed in columns on a terminal, between tabs otherwise', () => {
  const styles = [
    { name: 'a', style: { title: 'A Wave', author: 'H' }, thumbnail: undefined, path: 'a.safetensors' },
    { name: 'longer', style: { file: 'x.png', licence: 'public' }, thumbnail: undefined, path: 'b' },
  ];
  assert.equal(styleTable(styles, false), 'a\tA Wave\tH\t\ta.safetensors\nlonger\tx.png\t\tpublic\tb\n');
  assert.equal(
    styleTable(styles, true),
    'a       A Wave  H          a.safetensors\nlonger  x.png      public  b\n',
  );
});
