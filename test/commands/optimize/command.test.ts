import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import sharp from 'sharp';
import type { OptimizeSettings } from '../../../src/commands/optimize/options.ts';
import { optimizePicture } from '../../../src/commands/optimize/run.ts';
import { readPicture, writePicture } from '../../../src/data/image-file.ts';
import type { Picture } from '../../../src/picture.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { waitFor } from '../../helpers/wait-for.ts';

interface Given {
  readonly folder: string;
  readonly at: (name: string) => string;
  readonly base: OptimizeSettings & { readonly out: string };
}

/** A photo of 48×36, a painting and a tiny loss network. */
async function prepared(t: TestContext): Promise<Given> {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const content = await drawnPhoto(at('photo.png'), 48, 36, { seed: 1 });
  const style = [await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 })];
  const lossNetwork = await writeTinyLossNetwork(at('vgg.safetensors'));
  const base = { content, style, lossNetwork, out: at('print.png'), size: 48, iterations: 6 };
  return { folder, at, base };
}

interface Trace {
  readonly settings: { readonly iterations: number };
  readonly result: { readonly iterations: number; readonly stopped: string; readonly total: number };
  readonly trace: readonly {
    readonly iteration: number;
    readonly total: number;
    readonly terms: { readonly content: number; readonly style: number; readonly tv: number };
  }[];
}

const readTrace = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Trace;

test('a run leaves its picture, snapshots, film, plot and trace, and the total falls', async (t) => {
  const { at, base, folder } = await prepared(t);
  const outputs = { film: at('run.gif'), plot: at('plot.svg'), trace: at('trace.json'), snapshots: 3 };
  await optimizePicture({ ...base, ...outputs });
  const { width, height } = await readPicture(base.out);
  assert.deepEqual([width, height], [48, 36]);
  assert.deepEqual((await readdir(at('print-snapshots'))).sort(), ['00000.png', '00003.png', '00006.png']);
  assert.deepEqual(
    (await readPicture(at('print-snapshots/00000.png'))).pixels,
    (await readPicture(base.content!)).pixels,
    'it starts from the photo',
  );
  const { trace, result, settings } = await readTrace(outputs.trace);
  assert.deepEqual(
    trace.map(({ iteration }) => iteration),
    [0, 1, 2, 3, 4, 5, 6],
  );
  assert.equal(settings.iterations, 6);
  assert.equal(result.stopped, 'iterations');
  assert.ok(result.total < trace[0]!.total * 0.8, `${trace[0]!.total} → ${result.total}`);
  assert.ok(trace[0]!.terms.content < 1e-10, 'the photo is its own content');
  const meta = await sharp(outputs.film, { animated: true }).metadata();
  // The result is the last iterate here, and a GIF has no two equal frames on end.
  assert.deepEqual([meta.pages, meta.width, meta.pageHeight], [7, 48, 36]);
  const plot = await readFile(outputs.plot, 'utf8');
  assert.match(plot, />total [\d.]+</);
  assert.match(plot, />5 · style [\d.]+</);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('.part')),
    [],
  );
  await assert.rejects(optimizePicture(base), /print\.png exists already/);
  await assert.rejects(
    optimizePicture({
      ...base,
      ...outputs,
      out: at('print.jpg'),
      film: at('b.gif'),
      plot: at('b.svg'),
      trace: at('b.json'),
    }),
    /print-snapshots contains files already/,
  );
});

test('a plot as a picture; scales keep one frame size; the same seed gives the same picture', async (t) => {
  const { at, base } = await prepared(t);
  const given = {
    ...base,
    start: 'noise',
    seed: 5,
    scales: '2',
    size: 64,
    film: at('run.gif'),
    plot: at('plot.png'),
  };
  await optimizePicture(given);
  const first = await readPicture(base.out);
  assert.equal(Math.max(first.width, first.height), 64);
  const plot = await readPicture(at('plot.png'));
  assert.deepEqual([plot.width, plot.height], [1600, 960]);
  const meta = await sharp(at('run.gif'), { animated: true }).metadata();
  assert.deepEqual([meta.width, meta.pageHeight], [64, 48]);
  await optimizePicture({ ...given, overwrite: true });
  assert.deepEqual((await readPicture(base.out)).pixels, first.pixels);
  await optimizePicture({ ...given, seed: 6, overwrite: true });
  assert.notDeepEqual((await readPicture(base.out)).pixels, first.pixels);
});

test('starts from a file, from a network, and from a photo turned by EXIF', async (t) => {
  const { at, base } = await prepared(t);
  const run = { ...base, iterations: 0, overwrite: true };
  const other = await readPicture(await drawnPhoto(at('other.png'), 48, 36, { seed: 3 }));
  await optimizePicture({ ...run, start: at('other.png') });
  assert.deepEqual((await readPicture(base.out)).pixels, other.pixels);

  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  await optimizePicture({ ...run, start: `network:${style}` });
  const painted = (await readPicture(base.out)).pixels;
  const cli = await callCommand([
    'stylize',
    base.content!,
    '-s',
    style,
    '-o',
    at('painted.png'),
    '--precision',
    'f32',
  ]);
  assert.equal(cli.code, 0, cli.stderr);
  assert.deepEqual(painted, (await readPicture(at('painted.png'))).pixels);

  const turned = at('turned.jpg');
  await sharp(base.content).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toFile(turned);
  await optimizePicture({ ...run, content: turned });
  const { width, height } = await readPicture(base.out);
  assert.deepEqual([width, height], [36, 48], 'upright');
});

test('masks and weights of paintings count; masks beyond the paintings are refused', async (t) => {
  const { at, base } = await prepared(t);
  const half: Picture = { width: 48, height: 36, pixels: new Uint8Array(48 * 36 * 3) };
  for (let i = 0; i < 48 * 36; i++) if (i % 48 < 24) half.pixels.fill(255, i * 3, i * 3 + 3);
  await writePicture(at('left.png'), half);
  const second = await drawnPhoto(at('night.png'), 48, 48, { seed: 30 });
  const totals = [];
  const more: readonly OptimizeSettings[] = [
    {},
    { mask: [at('left.png')] },
    { styleMask: [at('left.png')] },
    { contentMask: at('left.png') },
    { style: [`${base.style![0]!}:0.2`, `${second}:0.8`] },
    { style: [base.style![0]!, second], mask: ['-', at('left.png')] },
  ];
  for (const given of more) {
    await optimizePicture({ ...base, ...given, trace: at('trace.json'), overwrite: true });
    const { result, trace } = await readTrace(at('trace.json'));
    assert.ok(result.total < trace[0]!.total);
    totals.push(result.total);
  }
  assert.equal(new Set(totals.map((total) => total.toPrecision(5))).size, more.length, totals.join(' '));
  await assert.rejects(
    optimizePicture({ ...base, mask: ['-', '-'], overwrite: true }),
    /at most one --mask for each painting \(1\) but received 2 masks/,
  );
});

test('style alone needs no photo; content alone no painting', async (t) => {
  const { base, at } = await prepared(t);
  const { content: _, style: __, ...bare } = base;
  await optimizePicture({ ...bare, warmUp: 'style:2', style: base.style });
  assert.equal((await readPicture(base.out)).width, 48);
  await optimizePicture({
    ...bare,
    warmUp: 'copy',
    content: base.content,
    trace: at('copy.json'),
    overwrite: true,
  });
  const { trace, result } = await readTrace(at('copy.json'));
  assert.ok(result.total < trace[0]!.total / 100, 'a copy is soon made');
  await assert.rejects(
    optimizePicture({ ...bare, style: base.style, overwrite: true }),
    /a photo for --content but received none/,
  );
  await assert.rejects(
    optimizePicture({ ...bare, content: base.content, overwrite: true }),
    /a painting for --style but received none/,
  );
});

test('a film that fails ends neither the run nor its picture', async (t) => {
  const { at, base } = await prepared(t);
  const fake = at('ffmpeg');
  await writeFile(
    fake,
    '#!/bin/sh\nif [ "$2" = -encoders ]; then echo libx264; else head -c 100 >/dev/null; echo "no room" >&2; exit 1; fi\n',
    { mode: 0o755 },
  );
  const args = Object.entries({ ...base, style: base.style![0]!, film: at('run.mp4'), trace: at('t.json') });
  const cli = await callCommand(
    ['optimize', ...args.flatMap(([name, value]) => [`--${name.replace('lossN', 'loss-n')}`, String(value)])],
    { env: { FAST_STYLE_FFMPEG: fake } },
  );
  assert.equal(cli.code, 1, cli.stderr);
  assert.match(cli.stderr, /^fast-style: ffmpeg cannot write the film .*run\.mp4: no room\.$/m);
  assert.equal((await readPicture(base.out)).width, 48);
  assert.equal((await readTrace(at('t.json'))).result.stopped, 'iterations');
  assert.equal(existsSync(at('run.mp4')), false);
});

test('bad input gets one line before anything is computed, and leaves nothing', async (t) => {
  const { at, base, folder } = await prepared(t);
  await mkdir(at('sub'));
  const before = await readdir(folder);
  const cases: readonly (readonly [OptimizeSettings, RegExp])[] = [
    [{ content: at('none.jpg') }, /none\.jpg: no such file/],
    [{ style: [at('none.jpg')] }, /none\.jpg: no such file/],
    [{ out: at('print.txt') }, /a picture file name/],
    [{ film: at('run.avi') }, /ends in \.mp4 or \.gif/],
    [{ plot: at('plot.pdf') }, /a picture file name/],
    [{ styleLayers: 'relu9_9' }, /a layer of vgg19 but received relu9_9/],
    [{ units: 'gatys', statistic: 'moments', styleWeight: 1 }, /moments have the units relative only/],
    [{ size: -1 }, /--size/],
    [{ snapshots: 0 }, /--snapshots/],
    [{ start: 'network:none' }, /name or file of a trained style/],
    [{ lossNetwork: at('photo.png') }, /photo\.png is neither/],
    [{ contentWeight: 0, styleWeight: 0, tv: '0' }, /a weight above 0/],
  ];
  for (const [given, message] of cases) {
    await assert.rejects(optimizePicture({ ...base, ...given }), message, JSON.stringify(given));
  }
  assert.deepEqual(await readdir(folder), before);
  const missing = join(folder, 'no-ffmpeg');
  const cli = await callCommand(
    [
      'optimize',
      '--content',
      base.content!,
      '--style',
      base.style![0]!,
      '-o',
      base.out,
      '--film',
      at('a.mp4'),
    ],
    { env: { FAST_STYLE_FFMPEG: missing } },
  );
  expectUserError(cli, /An MP4 film needs ffmpeg, and .*no-ffmpeg cannot be run; install it/);
  const twice = await callCommand(['optimize', '--content', 'a.png', '--content', 'b.png', '-o', base.out]);
  expectUserError(twice, /--content once but received 2 times/, 2);
});

test('Ctrl-C writes the picture so far and exits with 130', async (t) => {
  const { at, base } = await prepared(t);
  const args = ['--content', base.content!, '--style', base.style![0]!, '--loss-network', base.lossNetwork!];
  const more = ['--size', '48', '--iterations', '1000000', '--snapshots', '5', '--trace', at('trace.json')];
  const films = ['--film', at('run.gif'), '--film-every', '100000', '--plot', at('plot.svg')];
  const running = startCli(['optimize', ...args, ...more, ...films, '-o', base.out]);
  await waitFor('a snapshot', () => existsSync(at('print-snapshots/00005.png')), running);
  running.child.kill('SIGINT');
  const stopped = await running.done;
  assert.equal(stopped.code, 130, stopped.stderr);
  assert.match(
    stopped.stderr,
    /Stopped after iteration \d+ of 1000000; the picture so far is in .*print\.png/,
  );
  assert.equal(stopped.stdout, '');
  assert.equal((await readPicture(base.out)).width, 48);
  const { result, trace } = await readTrace(at('trace.json'));
  assert.equal(result.stopped, 'aborted');
  assert.ok(result.iterations >= 5 && result.total < trace[0]!.total);
  assert.equal((await sharp(at('run.gif'), { animated: true }).metadata()).pages, 2);
  assert.ok(existsSync(at('plot.svg')));
});
