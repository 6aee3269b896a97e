/** HEIC through the commands: painted from files, folders, a watched folder and standard input; as a painting; into a data set. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { decodePicture } from '../../../src/data/image-file.ts';
import { openPhoto } from '../../../src/data/photo/read-photo.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { heicFile, rotation } from '../../helpers/heic-file.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const EXIF = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0', 'latin1');
const grid = { columns: 2, rows: 1, width: 120, height: 64 };

test('stylize: folders and patterns, in capitals and small letters, become upright JPEGs; standard input, too', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photos = join(folder, 'in');
  await mkdir(photos);
  const turned = heicFile({ grid, properties: [rotation(3)], exif: EXIF });
  await writeFile(join(photos, 'IMG_1.HEIC'), turned);
  await writeFile(join(photos, 'b.heif'), heicFile({ brands: ['mif1', 'mif1', 'heic'] }));
  const out = join(folder, 'out');
  const many = await callCommand(['stylize', photos, '-s', style, '-o', out]);
  assert.equal(many.code, 0, many.stderr);
  assert.deepEqual((await readdir(out)).sort(), ['IMG_1-noise.jpg', 'b-noise.jpg']);
  const { head } = await openPhoto(join(out, 'IMG_1-noise.jpg'));
  assert.deepEqual([head.format, head.width, head.height, head.turned], ['jpeg', 64, 120, false]);
  assert.ok(head.metadata.exif);
  const [matched, piped, cut] = await Promise.all([
    callCommand(['stylize', join(photos, '*.heic'), '-s', style, '-o', join(folder, 'matched/')]),
    runCli(['stylize', '-', '-s', style, '-o', '-'], { input: turned }),
    runCli(['stylize', '-', '-s', style, '-o', '-'], { input: turned.subarray(0, turned.length - 100) }),
  ]);
  assert.deepEqual([matched.code, await readdir(join(folder, 'matched'))], [0, ['IMG_1-noise.jpg']]);
  assert.equal(piped.code, 0, piped.stderr);
  assert.equal(piped.output.toString('latin1', 0, 3), '\xff\xd8\xff');
  assert.equal((await decodePicture(piped.output, 'what came out')).height, 120);
  expectUserError(cut, /standard input is damaged or cut short/);
});

test('dataset build takes HEIC; optimize paints one, with one as the painting', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = join(folder, 'in');
  await mkdir(photos);
  for (const name of ['a.heic', 'b.HEIC']) await writeFile(join(photos, name), heicFile({ grid }));
  const data = join(folder, 'data');
  const built = await callCommand(['dataset', 'build', photos, '--out', data, '--size', '64']);
  assert.equal(built.code, 0, built.stderr);
  assert.match(`${built.stdout}${built.stderr}`, /\b2\b/);
  const inspected = await callCommand(['dataset', 'inspect', data]);
  assert.equal(inspected.code, 0, inspected.stderr);
  const network = await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  const args = [
    '--content',
    join(photos, 'a.heic'),
    '--style',
    join(photos, 'b.HEIC'),
    '-o',
    join(folder, 'o.png'),
  ];
  const optimised = await callCommand([
    'optimize',
    ...args,
    '--loss-network',
    network,
    '--iterations',
    '2',
    '--size',
    '64',
  ]);
  assert.equal(optimised.code, 0, optimised.stderr);
});

test('a watched folder: HEIC that arrives is painted', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const [inbox, out] = [join(folder, 'inbox'), join(folder, 'out')];
  await mkdir(inbox);
  await writeFile(join(inbox, 'a.heic'), heicFile());
  const running = startCli(['stylize', '--watch', inbox, '-s', style, '-o', out]);
  t.after(() => running.child.kill('SIGKILL'));
  await waitFor('the painted picture', () => existsSync(join(out, 'a-noise.jpg')), running);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.done;
  assert.deepEqual([code, await readdir(out)], [0, ['a-noise.jpg']], stderr);
});
