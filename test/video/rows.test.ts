/** Pictures in a row: which they are, in which order, upright, and all of them as large as the first without being stretched. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { naturalOrder } from '../../src/data/glob-files.ts';
import { ffmpeg, firstFrame, noFfmpeg, probe } from '../helpers/clips.ts';
import { type Painted, type PaintOptions, paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const options = { skip: noFfmpeg };

/** A picture of one grey, by which it is known again. */
function grey(value: number, width = 32, height = 24) {
  return sharp({ create: { width, height, channels: 3, background: { r: value, g: value, b: value } } });
}

/** The greys of the pictures that come out, in their order. */
async function greysOf(folder: string, from: string, more: PaintOptions = {}): Promise<number[]> {
  const to = join(folder, 'out');
  await paintVideo(from, join(to, '%03d.png'), { overwrite: true, ...more });
  const files = (await readdir(to)).sort();
  const greys = await Promise.all(
    files.map(async (file) => (await sharp(join(to, file)).raw().toBuffer())[0]!),
  );
  for (const file of files) await rename(join(to, file), join(folder, `was-${file}`));
  return greys;
}

test('numbers in names are sorted as numbers', () => {
  const names = [
    'f_10.png',
    'f_9.png',
    'f_010.png',
    'a2b10',
    'a2b9',
    'f_1',
    'f',
    'f_99999999999999999999.png',
  ];
  assert.deepEqual(names.toSorted(naturalOrder), [
    'a2b9',
    'a2b10',
    'f',
    'f_1',
    'f_9.png',
    'f_010.png',
    'f_10.png',
    'f_99999999999999999999.png',
  ]);
});

test('a gap in the numbers ends no film, and is reported', options, async (t) => {
  const folder = await temporaryFolder(t);
  for (const [number, value] of [
    [8, 80],
    [9, 90],
    [12, 120],
    [14, 140],
    [20, 200],
  ] as const)
    await grey(value).toFile(join(folder, `f_${String(number).padStart(2, '0')}.png`));
  const pattern = join(folder, 'f_%02d.png');
  const { frames, plan } = await paintVideo(pattern, join(folder, 'to.mkv'));
  assert.equal(frames, 5);
  const missing = '8 numbers are missing in';
  assert.deepEqual(plan.words, [
    `${missing} ${pattern}: 10, 11, 13, 15 to 19. The film continues without them.`,
  ]);
  assert.deepEqual(await greysOf(folder, pattern), [80, 90, 120, 140, 200]);
});

test('patterns are those of stylize: any case, braces, and numbers sorted as numbers', options, async (t) => {
  const folder = await temporaryFolder(t);
  for (const [name, value] of [
    ['IMG_2.JPG', 20],
    ['IMG_10.jpg', 100],
    ['IMG_9.png', 90],
    ['IMG_11.jpeg', 110],
  ] as const)
    await grey(value).toFile(join(folder, name));
  await writeFile(join(folder, 'IMG_3.txt'), 'no picture');
  const near = (greys: readonly number[]) => greys.map((value) => 10 * Math.round(value / 10));
  assert.deepEqual(near(await greysOf(folder, join(folder, 'IMG_*.jpg'))), [20, 100]);
  assert.deepEqual(near(await greysOf(folder, join(folder, 'IMG_*.{jpg,png,jpeg}'))), [20, 90, 100, 110]);
  assert.deepEqual(near(await greysOf(folder, join(folder, 'IMG_*'))), [20, 90, 100, 110]);
  assert.deepEqual(near(await greysOf(folder, join(folder, 'img_%d.jpg'))), [20, 100]);
});

test('% and : in the names of folders are letters, for reading and writing', options, async (t) => {
  const folder = join(await temporaryFolder(t), '12:30 50%d, 100% [a]');
  await mkdir(folder);
  for (const value of [10, 20, 30]) await grey(value).toFile(join(folder, `${value}.png`));
  assert.deepEqual(await greysOf(folder, join(folder, '%d.png')), [10, 20, 30]);
  await paintVideo(join(folder, '%d.png'), join(folder, 'to.gif'));
  await paintVideo(join(folder, 'to.gif'), join(folder, 'to.mp4'));
  assert.deepEqual(
    [probe(join(folder, 'to.mp4')).video.width, (await readdir(folder)).includes('to.mp4.parts')],
    [32, false],
  );
});

test('pictures are upright by their EXIF orientation, and in sRGB by their profile', options, async (t) => {
  const folder = await temporaryFolder(t);
  const halves = sharp({ create: { width: 32, height: 64, channels: 3, background: '#c03020' } }).composite([
    { input: await grey(40, 32, 32).png().toBuffer(), top: 32, left: 0 },
  ]);
  const upright = await halves.png().toBuffer();
  // Lying on its side, with the word to turn it upright.
  await sharp(upright)
    .rotate(-90)
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100 })
    .toFile(join(folder, '1.jpg'));
  await sharp(upright).withIccProfile('p3').jpeg({ quality: 100 }).toFile(join(folder, '2.jpg'));
  const { plan } = await paintVideo(join(folder, '%d.jpg'), join(folder, 'out-%d.png'));
  assert.deepEqual([plan.width, plan.height, plan.words], [32, 64, []]);
  const wanted = await sharp(upright).removeAlpha().raw().toBuffer();
  for (const file of ['out-1.png', 'out-2.png']) {
    const got = await sharp(join(folder, file)).raw().toBuffer();
    const apart = wanted.reduce(
      (most, value, i) =>
        Math.max(most, (i / 3 / 32) % 32 > 4 && (i / 3 / 32) % 32 < 28 ? Math.abs(value - got[i]!) : 0),
      0,
    );
    assert.ok(apart <= 6, `${file}: ${apart}`);
  }
});

test('a picture of another size keeps its aspect, centred on black, with a note', options, async (t) => {
  const folder = await temporaryFolder(t);
  await grey(200, 64, 48).toFile(join(folder, '1.png'));
  await grey(200, 48, 64).toFile(join(folder, '2.png'));
  await grey(200, 128, 96).toFile(join(folder, '3.png'));
  const { plan } = await paintVideo(join(folder, '%d.png'), join(folder, 'out-%d.png'));
  assert.deepEqual(plan.words, [
    '2 of 3 pictures are not 64×48 as the first: they are fitted in, and keep the aspect.',
  ]);
  const columns = async (file: string) => {
    const row = await sharp(join(folder, file))
      .extract({ left: 0, top: 24, width: 64, height: 1 })
      .raw()
      .toBuffer();
    return Array.from({ length: 64 }, (_, x) => row[3 * x]!).filter((value) => value > 100).length;
  };
  assert.deepEqual(await Promise.all(['out-1.png', 'out-2.png', 'out-3.png'].map(columns)), [64, 36, 64]);
});

test('a part of a sequence, at another rate and size; an interrupted film continues', options, async (t) => {
  const folder = await temporaryFolder(t);
  for (let i = 0; i < 20; i++) await grey(10 * i).toFile(join(folder, `${String(i).padStart(3, '0')}.png`));
  const pattern = join(folder, '%03d.png');
  const rate = { num: 10, den: 1 };
  const part = { rowRate: rate, start: 0.3, duration: 0.4 };
  assert.deepEqual(await greysOf(folder, pattern, part), [30, 40, 50, 60]);
  const to = join(folder, 'to.mkv');
  const controller = new AbortController();
  const onFrame = (done: number) => (done === 14 ? controller.abort() : undefined);
  const stopped: Painted = await paintVideo(pattern, to, {
    segment: 6,
    signal: controller.signal,
    onFrame,
    rowRate: rate,
  });
  assert.deepEqual([stopped.isStopped, stopped.kept], [true, 12]);
  const { frames } = await paintVideo(pattern, to, { segment: 6, rowRate: rate });
  assert.equal(frames, 20);
  await paintVideo(pattern, join(folder, 'straight.mkv'), { segment: 6, rowRate: rate });
  const hash = (path: string) => ffmpeg('-i', path, '-f', 'framemd5', '-').toString();
  assert.equal(hash(to), hash(join(folder, 'straight.mkv')));
  await paintVideo(pattern, join(folder, 'small.mkv'), { width: 16, height: 12, rowRate: rate, crf: 5 });
  assert.deepEqual(
    [probe(join(folder, 'small.mkv')).video.width, probe(join(folder, 'small.mkv')).seconds],
    [16, 2],
  );
});

test(
  'formats that only ffmpeg reads; a truncated picture is repaired and counted, other files are refused',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=48x32:d=0.2:r=10', join(folder, '%d.bmp'));
    await paintVideo(join(folder, '*.bmp'), join(folder, 'from-bmp-%d.png'));
    const pixels = (path: string) => sharp(path).removeAlpha().raw().toBuffer();
    assert.deepEqual(await pixels(join(folder, 'from-bmp-2.png')), firstFrame(join(folder, '2.bmp')));
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=96x64:d=0.3:r=10', '-q:v', '2', join(folder, '%d.jpg'));
    const whole = (await readFile(join(folder, '2.jpg'))).length;
    await truncate(join(folder, '2.jpg'), Math.round(0.6 * whole));
    const cut = await paintVideo(join(folder, '%d.jpg'), join(folder, 'cut.mkv'));
    assert.deepEqual([cut.frames, cut.decoded?.damaged], [3, 1]);
    await writeFile(join(folder, '3.jpg'), 'not a picture');
    await assert.rejects(
      paintVideo(join(folder, '%d.jpg'), join(folder, 'to.mkv')),
      /3\.jpg is not a picture/,
    );
  },
);
