/** Whatever a film's file is called, it is written as a file of just that name. */
import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openFilm } from '../../src/data/film-format.ts';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, H264, noFfmpeg, probe, testPicture } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const options = { skip: noFfmpeg };

test('names that ffmpeg would take for options, addresses or patterns are names', options, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  ffmpeg(
    ...testPicture(0.2, '32x32'),
    '-f',
    'lavfi',
    '-i',
    'sine=d=0.2',
    ...H264,
    '-c:a',
    'aac',
    join(folder, 'from.mp4'),
  );
  const work = join(folder, 'work');
  await mkdir(work);
  const names = ['-x.mp4', '12:30.mp4', 'file:x.mp4', '%03d.mp4', '12:30 [a]/%02d.webm'];
  const run = (name: string) =>
    callCommand(
      ['video', '../from.mp4', '--style', style, '--steady', 'off', '--precision', 'f32', `--out=${name}`],
      { cwd: work },
    );
  for (const name of names) {
    const { code, stderr } = await run(name);
    assert.equal(code, 0, `${name}: ${stderr}`);
  }
  const codecs = (name: string) => probe(join(work, name)).streams.map(({ codec_name }) => codec_name);
  for (const name of names)
    assert.deepEqual(codecs(name), name.endsWith('mp4') ? ['h264', 'aac'] : ['vp9', 'opus']);
  assert.deepEqual((await readdir(work)).sort(), [
    '%03d.mp4',
    '-x.mp4',
    '12:30 [a]',
    '12:30.mp4',
    'file:x.mp4',
  ]);
});

test('names of pictures and of GIFs, too, and those of films of an optimisation', options, async (t) => {
  const folder = await temporaryFolder(t);
  const from = join(folder, 'from.mp4');
  ffmpeg(...testPicture(0.2, '32x32'), ...H264, from);
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  await paintVideo(from, '-a-%02d.png');
  await paintVideo(from, 'file:-%d b.gif');
  const film = await openFilm('12:30.mp4', { width: 32, height: 32, rate: 5, hold: 0.2 });
  await film.add({ width: 32, height: 32, pixels: new Uint8Array(3 * 32 * 32) });
  await film.finish();
  assert.deepEqual((await readdir(folder)).sort(), [
    ...['-a-01.png', '-a-02.png', '-a-03.png', '-a-04.png', '-a-05.png'],
    ...['12:30.mp4', 'file:-%d b.gif', 'from.mp4'],
  ]);
});
