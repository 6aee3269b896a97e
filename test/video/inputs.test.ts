/** What can be read and written: pictures in a row, GIF, animated WebP, standard input and output, damaged files. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { encodePicture } from '../../src/data/image-file.ts';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, frameTimes, H264, noFfmpeg, probe, testPicture } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const options = { skip: noFfmpeg };

test('image sequences, in and out, without loss', options, async (t) => {
  const folder = await temporaryFolder(t);
  ffmpeg(...testPicture(0.2), '-start_number', '7', join(folder, 'in-%03d.png'));
  await paintVideo(join(folder, 'in-%03d.png'), join(folder, 'out/%02d.png'));
  assert.deepEqual((await readdir(folder)).sort(), [
    'in-007.png',
    'in-008.png',
    'in-009.png',
    'in-010.png',
    'in-011.png',
    'out',
  ]);
  assert.deepEqual(await readdir(join(folder, 'out')), ['01.png', '02.png', '03.png', '04.png', '05.png']);
  const pixels = (path: string) => sharp(path).raw().toBuffer();
  assert.deepEqual(await pixels(join(folder, 'out/03.png')), await pixels(join(folder, 'in-009.png')));
});

test('an animated WebP and a GIF keep their delays, and a GIF comes out', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [width, height, delay] = [40, 30, [100, 300, 50, 200]];
  const frames = delay.map((_, i) => Buffer.alloc(width * height * 3, 60 * i));
  const raw = { width, height: 4 * height, channels: 3, pageHeight: height } as const;
  for (const format of ['webp', 'gif'] as const) {
    const from = join(folder, `from.${format}`);
    await sharp(Buffer.concat(frames), { raw })[format]({ delay, loop: 0 }).toFile(from);
    const to = join(folder, `to-${format}.mp4`);
    await paintVideo(from, to);
    assert.deepEqual(frameTimes(to), [0, 0.1, 0.4, 0.45]);
    assert.equal(probe(to).seconds, 0.65);
  }
  await paintVideo(join(folder, 'from.webp'), join(folder, 'to.gif'));
  const { pages, delay: delays } = await sharp(join(folder, 'to.gif'), { animated: true }).metadata();
  assert.deepEqual([pages, delays?.slice(0, 3)], [4, [100, 300, 50]]);
});

test('a part of a film, at another size and rate', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.mp4'), join(folder, 'to.mp4')];
  ffmpeg(...testPicture(2), '-f', 'lavfi', '-i', 'sine=d=2', ...H264, '-c:a', 'aac', from);
  await paintVideo(from, to, { start: 0.5, duration: 1, rate: { num: 10, den: 1 }, width: 32, height: 24 });
  const { video, seconds } = probe(to);
  assert.deepEqual([video.width, video.height, frameTimes(to).length], [32, 24, 10]);
  assert.ok(Math.abs(seconds - 1) < 0.06, `${seconds}`);
});

test('through standard input and output, with its sound into a file', options, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const from = join(folder, 'from.mp4');
  ffmpeg(...testPicture(0.4), '-f', 'lavfi', '-i', 'sine=d=0.4', ...H264, '-c:a', 'aac', from);
  const input = await readFile(from);
  // Of MP4 the head may be at the end: it is stored. This is painted as it comes.
  const stream = ffmpeg('-i', from, '-c', 'copy', '-f', 'matroska', '-');
  const args = ['video', '-', '--style', style, '--precision', 'f32'];
  const [file, piped] = await Promise.all([
    runCli([...args, '--out', 'to.mp4'], { cwd: folder, input }),
    runCli([...args, '--out', '-', '--format', 'webm', '--codec', 'vp9'], {
      cwd: folder,
      input: stream,
    }),
  ]);
  assert.equal(file.code, 0, file.stderr);
  assert.deepEqual(
    probe(join(folder, 'to.mp4')).streams.map(({ codec_name }) => codec_name),
    ['h264', 'aac'],
  );
  assert.deepEqual(frameTimes(join(folder, 'to.mp4')), frameTimes(from));
  assert.doesNotMatch(file.stderr, /left out/);
  assert.equal(piped.code, 0, piped.stderr);
  assert.match(
    piped.stderr,
    /^Sound is left out from a stream to standard output; --out with a file keeps it\.$/m,
  );
  await writeFile(join(folder, 'piped.webm'), piped.output);
  assert.equal(frameTimes(join(folder, 'piped.webm')).length, 10);
});

test(
  'damaged frames are counted; a file cut short gives what there is, and exit code 1',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
    const whole = join(folder, 'whole.mp4');
    ffmpeg(...testPicture(2, '128x96'), ...H264, '-crf', '5', '-movflags', '+faststart', whole);
    const bytes = await readFile(whole);
    const data = bytes.indexOf('mdat');
    const damaged = Buffer.from(bytes);
    const middle = data + ((bytes.length - data) >> 1);
    for (let i = 0; i < 60; i++) damaged[middle + 53 * i] = (i * 77) % 256;
    await writeFile(join(folder, 'damaged.mp4'), damaged);
    await writeFile(join(folder, 'cut.mp4'), bytes.subarray(0, data + (bytes.length - data) / 2));
    const run = (from: string, to: string) =>
      callCommand(['video', from, '--style', style, '--steady', 'off', '--out', to], { cwd: folder });
    const [patched, cut] = await Promise.all([run('damaged.mp4', 'patched.mp4'), run('cut.mp4', 'to.mp4')]);
    assert.equal(patched.code, 0, patched.stderr);
    assert.match(patched.stderr, /[1-9]\d* damaged frames? (was|were) repaired while decoding/);
    assert.ok(frameTimes(join(folder, 'patched.mp4')).length > 45);
    assert.equal(cut.code, 1, cut.stderr);
    assert.match(cut.stderr, /cut\.mp4 ends early .*painted into to\.mp4/);
    const frames = frameTimes(join(folder, 'to.mp4')).length;
    assert.ok(frames > 10 && frames < 45, `${frames}`);
  },
);

test('mistakes get one line', options, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  await writeFile(join(folder, 'text.mp4'), 'not a video');
  const photo = await encodePicture(drawnPicture(64, 48), 'jpeg');
  await writeFile(join(folder, 'head.jpg'), photo.subarray(0, 150));
  const argsFor = (to: string, from = 'text.mp4') => ['video', from, '--out', to, '--style', style];
  const [text, head, none, missing] = await Promise.all([
    callCommand(argsFor('to.mp4'), { cwd: folder }),
    callCommand(argsFor('to.mp4', 'head.jpg'), { cwd: folder }),
    callCommand(argsFor('to.avi'), { cwd: folder }),
    callCommand(argsFor('to.mp4'), { cwd: folder, env: { FAST_STYLE_FFMPEG: join(folder, 'none') } }),
  ]);
  expectUserError(text, /text\.mp4 cannot be read as a video/);
  expectUserError(
    head,
    /a video in head\.jpg whose frames can be decoded .* \(mjpeg\) whose size cannot be told; it is damaged/,
  );
  expectUserError(none, /a video to write .*to\.avi/, 2);
  expectUserError(missing, /Videos need ffmpeg and ffprobe, and .*none cannot be run/);
});
