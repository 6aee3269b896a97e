/** Pictures in a row never replace others unasked. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { patternOfNames, refuseToReplace, videoOutput } from '../../src/data/video/output.ts';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { expectUserError } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

test('a pattern matches the names that ffmpeg would write', () => {
  const matches = (pattern: string, name: string) => patternOfNames(pattern).test(name);
  assert.ok(matches('%04d.png', '0001.png') && matches('%04d.png', '12345.png'));
  assert.ok(!matches('%04d.png', '001.png') && !matches('%04d.png', 'a0001.png'));
  assert.ok(!matches('%04d.png', '0001.jpg') && !matches('%04d.png', '0001xpng'));
  assert.ok(matches('%d.png', '1.png') && matches('f [%03d] (1).png', 'f [001] (1).png'));
});

test('an existing picture is refused before anything is read', { skip: noFfmpeg }, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  ffmpeg(...testPicture(0.2, '32x32'), ...H264, join(folder, 'from.mp4'));
  const row = join(folder, 'row');
  await mkdir(row);
  await writeFile(join(row, '0003.png'), 'mine');
  await writeFile(join(row, 'other.png'), 'mine');
  const args = ['video', 'from.mp4', '--style', style, '--out', 'row/%04d.png', '--precision', 'f32'];
  const refused = await callCommand(args, { cwd: folder });
  expectUserError(refused, /row\/0003\.png exists already; choose another name or pass --overwrite/);
  assert.deepEqual((await readdir(row)).sort(), ['0003.png', 'other.png']);
  const replaced = await callCommand([...args, '--overwrite'], { cwd: folder });
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.equal((await readFile(join(row, '0003.png'))).subarray(1, 4).toString(), 'PNG');
  assert.equal(await readFile(join(row, 'other.png'), 'utf8'), 'mine');
});

test('one that appears while the film is painted stays, too, and so do the painted parts', {
  skip: noFfmpeg,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.mp4'), join(folder, '%04d.png')];
  ffmpeg(...testPicture(0.2, '32x32'), ...H264, from);
  await refuseToReplace(videoOutput(to, undefined));
  const late = join(folder, '0002.png');
  const painting = paintVideo(from, to, { onFrame: () => void writeFile(late, 'mine') });
  await assert.rejects(painting, /0002\.png exists already/);
  assert.equal(await readFile(late, 'utf8'), 'mine');
  assert.deepEqual((await readdir(folder)).sort(), ['0002.png', '04d.png.parts', 'from.mp4']);
  const done = await paintVideo(from, to, { overwrite: true });
  assert.equal(done.frames, 5);
  assert.equal((await readdir(folder)).filter((name) => name.endsWith('.png')).length, 5);
});
