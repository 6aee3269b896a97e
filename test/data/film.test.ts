import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { openFilm } from '../../src/data/film-format.ts';
import type { Picture } from '../../src/picture.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** One colour everywhere but in the last column, which is another. */
function frame(width: number, height: number, colour: number[], last = colour): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(i % width === width - 1 ? last : colour, i * 3);
  return { pixels, width, height };
}

test('a GIF has its frames, their delays and a held end', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'run.gif');
  const film = await openFilm(path, { width: 31, height: 20, rate: 10, hold: 1.5 });
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ];
  for (const colour of colours) await film.add(frame(31, 20, colour));
  assert.deepEqual(await readdir(folder), [], 'nothing is there before the end');
  await film.finish();
  const meta = await sharp(path, { animated: true }).metadata();
  assert.deepEqual(
    [meta.format, meta.width, meta.pageHeight, meta.pages, meta.loop, meta.delay],
    ['gif', 31, 20, 3, 0, [100, 100, 1500]],
  );
  for (const [page, colour] of colours.entries()) {
    const pixels = await sharp(path, { page }).removeAlpha().raw().toBuffer();
    for (const c of [0, 1, 2])
      assert.ok(Math.abs(pixels[c]! - colour[c]!) < 8, `frame ${page}: ${pixels[c]}`);
  }
  await assert.rejects(openFilm(path, { width: 31, height: 20, rate: 10 }), /run\.gif exists already/);
});

test('a GIF of large frames is shrunk to 480 px; a frame of another size and another name are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'large.gif');
  const film = await openFilm(path, { width: 700, height: 350, rate: 25 });
  await assert.rejects(film.add(frame(20, 20, [1, 2, 3])), /cannot take a frame of 20×20/);
  await film.add(frame(700, 350, [10, 200, 30]));
  await film.finish();
  const { width, height } = await sharp(path).metadata();
  assert.deepEqual([width, height], [480, 240]);
  await assert.rejects(
    openFilm(join(folder, 'run.avi'), { width: 2, height: 2, rate: 1 }),
    /ends in \.mp4 or \.gif/,
  );
  const empty = await openFilm(join(folder, 'empty.gif'), { width: 2, height: 2, rate: 1 });
  await assert.rejects(empty.finish(), /frames for a film/);
});

test('an MP4 is even in size, of the right colours and length, and leaves nothing when aborted', {
  skip: !ffmpeg && 'there is no ffmpeg',
}, async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'run.mp4');
  const film = await openFilm(path, { width: 65, height: 47, rate: 10, hold: 1 });
  for (let i = 0; i < 5; i++) await film.add(frame(65, 47, [200, 40, 60], [30, 60, 220]));
  await film.finish();
  assert.deepEqual(await readdir(folder), ['run.mp4']);
  const fields = 'width,height,codec_name,pix_fmt,color_space,nb_read_frames';
  const probed = execFileSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-count_frames',
      '-select_streams',
      'v',
      '-show_entries',
      `stream=${fields}`,
      '-of',
      'json',
      path,
    ],
    { encoding: 'utf8' },
  );
  const [stream] = (JSON.parse(probed) as { streams: Record<string, unknown>[] }).streams;
  assert.deepEqual(stream, {
    codec_name: 'h264',
    width: 66,
    height: 48,
    pix_fmt: 'yuv420p',
    color_space: 'bt709',
    nb_read_frames: '14',
  });
  const raw = execFileSync('ffmpeg', [
    ...['-v', 'error', '-i', path, '-frames:v', '1'],
    ...['-vf', 'scale=in_color_matrix=bt709:in_range=tv', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
  ]);
  const at = (x: number, y: number) => [...raw.subarray((y * 66 + x) * 3, (y * 66 + x) * 3 + 3)];
  const near = (got: number[], wanted: number[]) =>
    assert.ok(
      got.every((value, c) => Math.abs(value - wanted[c]!) < 14),
      `${got} for ${wanted}`,
    );
  near(at(10, 10), [200, 40, 60]);
  near(at(10, 47), [200, 40, 60]);
  near(at(65, 20), [30, 60, 220]);

  const given = await openFilm(join(folder, 'other.mp4'), { width: 64, height: 48, rate: 10 });
  await given.add(frame(64, 48, [1, 2, 3]));
  await given.discard();
  await given.discard();
  assert.deepEqual(await readdir(folder), ['run.mp4']);
  assert.ok((await readFile(path)).length > 500);
});

test('no ffmpeg, one without H.264, and one that fails midway get one line', async (t) => {
  const folder = await temporaryFolder(t);
  const was = process.env.FAST_STYLE_FFMPEG;
  t.after(() => {
    if (was === undefined) delete process.env.FAST_STYLE_FFMPEG;
    else process.env.FAST_STYLE_FFMPEG = was;
  });
  const path = join(folder, 'run.mp4');
  const options = { width: 64, height: 48, rate: 10 };
  process.env.FAST_STYLE_FFMPEG = join(folder, 'none');
  await assert.rejects(openFilm(path, options), /install it .* or ask for a \.gif/);
  const fake = async (script: string) => {
    process.env.FAST_STYLE_FFMPEG = join(folder, 'fake');
    await writeFile(join(folder, 'fake'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'fake'), 0o755);
  };
  await fake('echo mpeg4');
  await assert.rejects(openFilm(path, options), /libx264/);
  await fake(
    'if [ "$2" = -encoders ]; then echo libx264; else head -c 1000 >/dev/null; echo "disk is full" >&2; exit 1; fi',
  );
  const film = await openFilm(path, options);
  await assert.rejects(async () => {
    for (let i = 0; i < 500; i++) await film.add(frame(64, 48, [1, 2, 3]));
  }, /cannot write the film .*run\.mp4: disk is full\./);
  await film.discard();
  assert.deepEqual(await readdir(folder), ['fake']);
});
