import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { decodePicture, pictureFormat } from '../../../src/data/image-file.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { withSmallDisk } from '../../helpers/small-disk.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('paints photos of every format and size into a folder, each exactly as large as it is', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const sizes = { jpg: [40, 30], png: [33, 51], webp: [16, 16], tiff: [17, 64], avif: [45, 23] } as const;
  const photos = await Promise.all(
    Object.entries(sizes).map(([extension, [width, height]], i) => {
      const path = join(folder, `photo-${extension}.${extension}`);
      return drawnPhoto(path, width, height, { seed: i, format: pictureFormat(path) });
    }),
  );
  const out = join(folder, 'painted');
  const result = await runCli(['stylize', ...photos, '--style', style, '--out', out]);
  assert.equal(result.code, 0, result.stderr);
  const names = Object.keys(sizes).map((extension) => `photo-${extension}-noise.${extension}`);
  assert.deepEqual((await readdir(out)).sort(), names.toSorted());
  for (const [extension, [width, height]] of Object.entries(sizes)) {
    const name = `photo-${extension}-noise.${extension}`;
    const bytes = await readFile(join(out, name));
    const picture = await decodePicture(bytes, name);
    assert.deepEqual([picture.width, picture.height], [width, height], name);
    assert.ok(result.stdout.includes(`${join(out, name)} (${width}×${height}, `), result.stdout);
    const magic = { jpg: 'ffd8', png: '8950', webp: '5249', tiff: '4949', avif: '0000' }[extension];
    assert.equal(bytes.subarray(0, 2).toString('hex'), magic, name);
  }

  // Asked again, nothing is painted over and nothing is painted.
  const before = await readFile(join(out, names[0]!));
  const again = await callCommand(['stylize', ...photos, '--style', style, '--out', out]);
  expectUserError(again, /photo-jpg-noise\.jpg exists already; choose another name or pass --overwrite/);
  assert.deepEqual(await readFile(join(out, names[0]!)), before);
});

test('paints one photo into the file named, in the format of its extension, replacing it when asked', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.jpg'), 19, 37, { format: 'jpeg' });
  const out = join(folder, 'new', 'painted.png');
  await mkdir(join(folder, 'new'));
  await writeFile(out, 'mine');
  const painted = await callCommand(['stylize', photo, '-s', style, '-o', out, '--overwrite']);
  assert.equal(painted.code, 0, painted.stderr);
  assert.equal(painted.stderr, '');
  const { width, height } = await decodePicture(await readFile(out), out);
  assert.deepEqual([width, height], [19, 37]);
  assert.deepEqual(await readdir(join(folder, 'new')), ['painted.png'], 'nothing half-written');
});

test('through standard input and output: the picture alone goes out, in the format that came in', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.webp'), 33, 21, { format: 'webp' });
  const input = await readFile(photo);
  const [same, other, endless] = await Promise.all([
    runCli(['stylize', '-', '--style', style, '--out', '-'], { input }),
    runCli(['stylize', '-', '-s', style, '-o', '-', '--format', 'tiff', '--tiles', 'exact'], { input }),
    runCli(['stylize', '-', '-s', style, '-o', '-'], { input: Buffer.alloc(5e6) }),
  ]);
  assert.deepEqual([same.code, same.stderr], [0, '']);
  assert.equal(other.code, 0, other.stderr);
  assert.equal(same.output.toString('latin1', 8, 12), 'WEBP');
  assert.equal(other.output.toString('latin1', 0, 4), 'II*\0');
  for (const { output } of [same, other]) {
    const { width, height } = await decodePicture(output, 'what came out');
    assert.deepEqual([width, height], [33, 21]);
  }
  expectUserError(endless, /standard input is not a picture that can be read/);
});

test('bad input gets one line, a non-zero exit and leaves nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const style = await writeTinyCheckpoint(at('noise.safetensors'));
  const photo = await drawnPhoto(at('photo.png'), 20, 20);
  const small = await drawnPhoto(at('small.png'), 12, 40);
  await mkdir(at('sub'));
  await drawnPhoto(at('sub/photo.png'), 20, 20);
  const vgg = await writeTinyLossNetwork(at('vgg.safetensors'));
  const whole = await readFile(style);
  await writeFile(at('cut.safetensors'), whole.subarray(0, whole.length - 10));
  await writeFile(at('text.jpg'), 'no picture');
  await writeFile(at('cut.png'), (await readFile(photo)).subarray(0, 300));
  await writeFile(at('there.png'), 'mine');
  const out = at('out/painted.png');
  const cases: readonly (readonly [args: string[], message: RegExp, code?: number])[] = [
    [[at('none.jpg'), '-s', style, '-o', out], /none\.jpg: no such file/],
    [[at('text.jpg'), '-s', style, '-o', out], /text\.jpg is not a picture that can be read/],
    [[at('cut.png'), '-s', style, '-o', out], /cut\.png is damaged or cut short/],
    [[small, '-s', style, '-o', out], /at least 16×16 pixels but received 12×40/],
    [[photo, '-s', 'no-such-style', '-o', out], /received no-such-style; available styles: /],
    [[photo, '-s', vgg, '-o', out], /received a safetensors file of another kind/],
    [
      [photo, '-s', at('cut.safetensors'), '-o', out],
      /cut\.safetensors is not a sound safetensors file: it is cut/,
    ],
    [[photo, '-s', style, '-o', at('there.png')], /there\.png exists already/],
    [[photo, '-s', style, '-o', at('out/painted.bmp')], /let it end in one of/, 2],
    [[photo, small, '-s', style, '-o', out], /a folder for --out, as there are 2 photos/, 2],
    [['-s', style, '-o', out], /photos to paint but received none/, 2],
    [[photo, '-s', style, '-o', at('out/'), '--overwrite', '--skip-existing'], /one of --skip-existing/, 2],
    [[photo, '-s', style, '-s', style, '-o', at('out/')], /each style once/, 2],
    [[photo, '-s', style, '-s', 'great-wave', '-o', out], /a folder for --out, as there are 2 styles/, 2],
    [[at('sub/none-*.png'), '-s', style, '-o', at('out/')], /a pattern that matches a photo/, 2],
    [[photo, '--watch', at('sub'), '-s', style, '-o', at('out/')], /no photos with --watch/, 2],
    [['--watch', photo, '-s', style, '-o', at('out/')], /a folder for --watch/, 2],
    [[photo, '-s', style, '-o', at('out/'), '--sheet', at('there.png')], /there\.png exists already/],
    [['-', '-', '-s', style, '-o', out], /standard input \(-\) once but received 2 times/, 2],
    [['-', '-s', style, '-o', out], /standard input is empty/],
    [['/dev/zero', '-s', style, '-o', out], /\/dev\/zero, which is a pipe or a device; pass what it gives/],
    [[photo, '-s', style, '-o', out, '--quality', 'good'], /a number for --quality but received good/, 2],
    [
      [photo, '-s', style, '-o', at('there.png/painted.png')],
      /Cannot write .*: (a part of the path is not a folder|something of that name is in the way)/,
    ],
  ];
  const before = await readdir(folder);
  for (const [args, message, code] of cases) {
    // Standard input is a process's own.
    const call = args[0] === '-' ? runCli : callCommand;
    expectUserError(await call(['stylize', ...args]), message, code);
  }
  assert.deepEqual(await readdir(folder), before);
  assert.equal(await readFile(at('there.png'), 'utf8'), 'mine');
});

test('a later photo that fails leaves the earlier ones painted and nothing half-written', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.png'), 20, 20);
  const broken = join(folder, 'broken.png');
  await writeFile(broken, 'no picture');
  const out = join(folder, 'painted');
  const result = await callCommand(['stylize', photo, broken, '--style', style, '--out', out]);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /^fast-style: .*broken\.png is not a picture that can be read/m);
  assert.deepEqual(await readdir(out), ['photo-noise.png']);
});

test('a full disk gets one line and leaves nothing half-written', async (t) => {
  await withSmallDisk(t, 100, async (disk) => {
    const folder = await temporaryFolder(t);
    const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
    const photo = await drawnPhoto(join(folder, 'photo.png'), 400, 300);
    const result = await callCommand([
      ...['stylize', photo, '--style', style],
      ...['--out', join(disk, 'painted.png')],
    ]);
    expectUserError(result, /Cannot write .*painted\.png: no room is left on the disk/);
    assert.deepEqual(await readdir(disk), []);
  });
});
