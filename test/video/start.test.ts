/** Beginnings beyond the end, and previews of films that are shorter than a sheet. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { expectUserError } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const options = { skip: noFfmpeg };

test(
  'a start beyond the end is refused in one line that names the end, and nothing is left',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
    const from = join(folder, 'from.mp4');
    ffmpeg(...testPicture(1, '32x32', '5'), ...H264, from);
    const args = ['video', 'from.mp4', '--style', style, '--out', 'to.mp4', '--start', '1:30'];
    const refused = await callCommand(args, { cwd: folder });
    expectUserError(
      refused,
      /Expected a --start before the end of from\.mp4, 1\.00 s but received 90 s\./,
      2,
    );
    assert.deepEqual((await readdir(folder)).sort(), ['from.mp4', 'tiny.safetensors']);
    // Within the last frame no frame begins; and a raw stream does not say where it ends.
    await assert.rejects(
      paintVideo(from, join(folder, 'to.mp4'), { start: 0.95 }),
      /Expected a --start before the last frame of .*from\.mp4 but received 0\.95 s\./,
    );
    ffmpeg('-i', from, '-c', 'copy', '-bsf:v', 'h264_mp4toannexb', join(folder, 'raw.h264'));
    await assert.rejects(
      paintVideo(join(folder, 'raw.h264'), join(folder, 'to.mp4'), { start: 90 }),
      /Expected a --start before the (last frame|end) of .*raw\.h264/,
    );
    await sharp({ create: { width: 32, height: 32, channels: 3, background: 'red' } }).toFile(
      join(folder, '1.png'),
    );
    await assert.rejects(
      paintVideo(join(folder, '%d.png'), join(folder, 'to.mp4'), { start: 1 }),
      /Expected a --start before the end of .*%d\.png, 0\.04 s but received 1 s\./,
    );
    assert.deepEqual((await readdir(folder)).sort(), ['1.png', 'from.mp4', 'raw.h264', 'tiny.safetensors']);
  },
);

test('a preview of one frame shows it once, of two both', options, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } }).toFile(
    join(folder, '1.png'),
  );
  const previews = [
    { from: 'one.mp4', frames: 1, make: [...testPicture(0.2, '64x64', '5'), ...H264] },
    { from: 'two.mp4', frames: 2, make: [...testPicture(0.4, '64x64', '5'), ...H264] },
    { from: '%d.png', frames: 1, make: undefined },
  ];
  const heights: number[] = [];
  for (const { from, make } of previews) {
    if (make !== undefined) ffmpeg(...make, join(folder, from));
    const sheet = `${from.replace('%', '')}-sheet.png`;
    const args = ['video', from, '--style', style, '--precision', 'f32', '--preview', sheet];
    const { code, stderr } = await callCommand(args, { cwd: folder });
    assert.equal(code, 0, `${from}: ${stderr}`);
    heights.push((await sharp(join(folder, sheet)).metadata()).height);
  }
  assert.equal(heights[0], heights[2]);
  assert.ok(heights[1]! > 1.5 * heights[0]!, heights.join(' '));
});
