/** Films through standard input whose head is at their end, and what is no film and never ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { ffmpeg, frameTimes, H264, noFfmpeg } from '../helpers/clips.ts';
import { runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

test('a camera film of some megabytes is painted', { skip: noFfmpeg }, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  // Frames in plain, so that few of them are many bytes.
  const noise = ['-f', 'lavfi', '-i', 'nullsrc=s=640x480:r=25:d=0.4,geq=random(1)*255:128:128'];
  ffmpeg(...noise, ...H264, '-qp', '0', join(folder, 'camera.mov'));
  const { size } = await stat(join(folder, 'camera.mov'));
  const film = await readFile(join(folder, 'camera.mov'));
  assert.ok(size > 2e6 && film.indexOf('moov') > size / 2, `${size} bytes, its head at the end`);
  const args = ['video', '-', '--style', style, '--out', 'x.mp4', '--scale', '64x', '--precision', 'f32'];
  const { code, stderr } = await runCli(args, { cwd: folder, input: film });
  assert.equal(code, 0, stderr);
  assert.equal(frameTimes(join(folder, 'x.mp4')).length, 10);
});

const skip = noFfmpeg || (existsSync('/dev/zero') ? false : 'there is no /dev/zero');

test('endless input is refused, and nothing of it stays', { skip, timeout: 60_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const child = spawn(process.execPath, [CLI, 'video', '-', '--style', style, '--out', 'x.mp4'], {
    ...{ cwd: folder, stdio: [openSync('/dev/zero', 'r'), 'ignore', 'pipe'] },
    env: { ...process.env, TMPDIR: folder },
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 1, said);
  assert.match(
    said,
    /^fast-style: Expected a video in standard input but received something that cannot be read as one\.$/m,
  );
  assert.deepEqual(await readdir(folder), ['tiny.safetensors']);
});
