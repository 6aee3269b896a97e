/** What is transparent in a film stays so where the output has a place for it; elsewhere a line says that it is dropped. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import type { FilmPainter } from '../../src/video/film-painter.ts';
import { ffmpeg, noFfmpeg, probe } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const options = { skip: noFfmpeg };
const [WIDTH, HEIGHT, FRAMES] = [64, 48, 6];

/** A film in one colour that is opaque on its right half, and the more so on its left the later it is. */
const FADING = [
  ...['-f', 'lavfi', '-i', `color=c=0x806040:s=${WIDTH}x${HEIGHT}:r=10:d=${FRAMES / 10},format=rgba`],
  ...['-vf', "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='if(lt(X,32),40*N,255)'"],
];
const VP9 = ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuva420p', '-crf', '4', '-b:v', '0', '-auto-alt-ref', '0'];

/** Opacity of all frames, [frames, height, width]. */
function opacity(path: string, decoder: readonly string[] = []): Buffer {
  return ffmpeg(...decoder, '-i', path, '-vf', 'alphaextract,format=gray', '-f', 'rawvideo', '-');
}

const LIBVPX = ['-c:v', 'libvpx-vp9'];

/** Fails unless opacity is that of the fading film within a tolerance. */
function assertFading(alpha: Buffer, within: number): void {
  assert.equal(alpha.length, FRAMES * WIDTH * HEIGHT);
  for (let frame = 0; frame < FRAMES; frame++) {
    for (const [x, wanted] of [
      [8, 40 * frame],
      [24, 40 * frame],
      [40, 255],
      [60, 255],
    ] as const) {
      const got = alpha[frame * WIDTH * HEIGHT + 20 * WIDTH + x]!;
      assert.ok(Math.abs(got - wanted) <= within, `frame ${frame}, column ${x}: ${got}, not ${wanted}`);
    }
  }
}

/** The first frame's pixel in the midst of a half, RGB. */
function pixelOf(path: string, x: number, decoder: readonly string[] = []): number[] {
  const raw = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-'];
  return [...ffmpeg(...decoder, '-i', path, ...raw).subarray(4 * (20 * WIDTH + x), 4 * (20 * WIDTH + x) + 3)];
}

test('ProRes 4444 is read and written, in a MOV by default', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.mov'), join(folder, 'to.mov')];
  ffmpeg(...FADING, '-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le', from);
  const { plan } = await paintVideo(from, to, { segment: 4 });
  assert.deepEqual(plan.words, [
    'Written as ProRes 4444, which keeps alpha; --codec h264 writes h264 without.',
  ]);
  assert.equal(probe(to).video.codec_name, 'prores');
  assert.match(probe(to).video.pix_fmt, /^yuva444p/);
  assertFading(opacity(to), 2);
  const dropped = await paintVideo(from, join(folder, 'to.mp4'), { crf: 4 });
  assert.equal(dropped.plan.words.length, 1);
  assert.match(
    dropped.plan.words[0]!,
    /^Alpha is dropped, as h264 in mp4 has no place for it: .*black\. Kept by \.webm, /,
  );
  // Black lies below, as usual.
  assert.ok(Math.max(...pixelOf(join(folder, 'to.mp4'), 8)) < 12);
});

test('WebM with alpha stays so, in segments, and is read by the decoder that sees it', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.webm'), join(folder, 'to.webm')];
  ffmpeg(...FADING, ...VP9, from);
  const { plan } = await paintVideo(from, to, { segment: 4, crf: 4 });
  assert.deepEqual(plan.words, []);
  assert.equal(probe(to).video.tags?.ALPHA_MODE ?? probe(to).video.tags?.alpha_mode, '1');
  assertFading(opacity(to, LIBVPX), 8);
  assert.ok(Math.abs(probe(to).seconds - FRAMES / 10) < 0.01);
  const mp4 = await paintVideo(from, join(folder, 'vp9.mp4'), { codec: 'vp9' });
  assert.match(mp4.plan.words.join(), /Alpha is dropped, as vp9 in mp4/);
});

test(
  'image sequences keep it in PNG and WebP, pictures without it are opaque, and a painter sees hidden colours',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    ffmpeg(...FADING, join(folder, '%d.png'));
    await sharp(join(folder, '6.png')).removeAlpha().toFile(join(folder, '7.png'));
    const seen: number[] = [];
    const painter: FilmPainter = {
      paint: (frame) => {
        seen.push(frame.pixels[0]!);
        return frame;
      },
      memory: () => undefined,
      recall: () => {},
      dispose: () => {},
    };
    for (const kind of ['png', 'webp', 'tif']) {
      const { plan } = await paintVideo(join(folder, '%d.png'), join(folder, `to-%d.${kind}`), { painter });
      assert.deepEqual(plan.words, []);
      const alphas = await Promise.all(
        [1, 3, 7].map(async (i) => {
          const { data, info } = await sharp(join(folder, `to-${i}.${kind}`))
            .ensureAlpha()
            .raw()
            .toBuffer({ resolveWithObject: true });
          return [8, 40].map((x) => data[info.channels * (20 * WIDTH + x) + 3]!);
        }),
      );
      assert.deepEqual(
        alphas,
        [
          [0, 255],
          [80, 255],
          [255, 255],
        ],
        kind,
      );
    }
    // Not the black behind what cannot be seen.
    assert.ok(
      seen.every((red) => Math.abs(red - 0x80) < 3),
      seen.join(' '),
    );
    const { plan } = await paintVideo(join(folder, '%d.png'), join(folder, 'to-%d.jpg'));
    assert.match(plan.words.join(), /^Alpha is dropped, as these pictures have no place for it/);
  },
);

test(
  'opaque alpha changes neither codec nor messages; in a GIF it stays where something shows through',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const [opaque, clear] = [join(folder, 'opaque.gif'), join(folder, 'clear.gif')];
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=0.3', opaque);
    const { plan } = await paintVideo(opaque, join(folder, 'opaque.mov'));
    assert.deepEqual([plan.words, plan.output.codec, plan.stream.alpha], [[], 'h264', false]);
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=64x48:r=10:d=0.3,format=rgba',
      '-pix_fmt',
      'rgba',
      join(folder, 'o%d.png'),
    );
    const row = await paintVideo(join(folder, 'o%d.png'), join(folder, 'row.mp4'));
    assert.deepEqual(row.plan.words, []);
    const frame = (left: number) =>
      sharp({ create: { width: 64, height: 48, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
        .composite([
          { input: { create: { width: 16, height: 16, channels: 4, background: '#ff0000' } }, left, top: 16 },
        ])
        .raw()
        .toBuffer();
    const frames = Buffer.concat(await Promise.all([0, 16, 32].map(frame)));
    const raw = { width: 64, height: 3 * 48, channels: 4, pageHeight: 48 } as const;
    await sharp(frames, { raw })
      .gif({ delay: [100, 100, 100] })
      .toFile(clear);
    await sharp(frames, { raw })
      .webp({ delay: [100, 100, 100], lossless: true })
      .toFile(join(folder, 'clear.webp'));
    for (const from of [clear, join(folder, 'clear.webp')]) {
      const to = join(folder, 'to.gif');
      await paintVideo(from, to, { overwrite: true });
      const { data, info } = await sharp(to, { pages: -1 })
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const at = (page: number, x: number) => data[info.channels * ((48 * page + 24) * 64 + x) + 3]!;
      const shown = [0, 1, 2].map((page) => [8, 24, 40, 56].map((x) => at(page, x)));
      assert.deepEqual(
        shown,
        [
          [255, 0, 0, 0],
          [0, 255, 0, 0],
          [0, 0, 255, 0],
        ],
        from,
      );
    }
  },
);
