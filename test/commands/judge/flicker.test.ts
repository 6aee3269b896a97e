import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { writePicture } from '../../../src/data/image-file.ts';
import { movedPicture } from '../../../src/data/motion.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const skip = !ffmpeg && 'there is no ffmpeg';

/** A film of a drawn picture that moves, without loss. */
async function panFilm(folder: string, name: string, right: number): Promise<string> {
  for (let i = 0; i < 4; i++) {
    const { picture } = movedPicture(drawnPicture(96, 64, 1), { right: right * i, down: 0, zoom: 1 });
    await writePicture(join(folder, `${i}.png`), picture, { overwrite: true });
  }
  const path = join(folder, name);
  const input = ['-y', '-loglevel', 'error', '-framerate', '10', '-i', join(folder, '%d.png')];
  const made = spawnSync('ffmpeg', [...input, '-c:v', 'png', path]);
  assert.equal(made.status, 0, made.stderr.toString());
  return path;
}

test('a style is measured with every --steady, as a table and as JSON', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const film = await panFilm(folder, 'pan.mov', 1);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), 'c3s1-4,d6,R6,u4,c3s1-3');
  const args = ['flicker', film, '--style', style, '--precision', 'f32'];
  const found = await runCli([...args, '--json']);
  assert.equal(found.code, 0, found.stderr);
  const report = JSON.parse(found.stdout);
  assert.deepEqual([report.width, report.height, report.frames, report.cuts], [96, 64, 4, 0]);
  assert.deepEqual(
    report.films.map(({ name }: { name: string }) => name),
    ['film', 'off', 'light', 'strong'],
  );
  const [own, off, , strong] = report.films;
  assert.ok(own.short < 0.02 && strong.short < off.short, `${own.short} ${off.short} ${strong.short}`);
  assert.equal(off.exact.length, 5);
  assert.ok(off.exact[0].amplification > 0);
  const table = await callCommand([...args, '--steady', 'off', '--frames', '2']);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /2 frames of 96×64, one scene/);
  assert.match(table.stdout, /^off +0\.\d{4} +100 %/m);
});

test('a painted video is measured by the motion of the film: the film itself is as steady as itself', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const film = await panFilm(folder, 'pan.mov', 1);
  const program = join(folder, 'counting-ffmpeg');
  const asked = join(folder, 'asked.txt');
  await writeFile(program, `#!/bin/sh\necho "$@" >> '${asked}'\nexec ffmpeg "$@"\n`, { mode: 0o755 });
  const env = { FAST_STYLE_FFMPEG: program };
  const found = await callCommand(['flicker', film, '--painted', film, '--json'], { env });
  assert.equal(found.code, 0, found.stderr);
  const questions = (await readFile(asked, 'utf8')).split('\n').filter((line) => line.endsWith('-filters'));
  assert.equal(questions.length, 1, 'what ffmpeg can is asked once');
  const { films } = JSON.parse(found.stdout);
  assert.equal(films.length, 2);
  assert.deepEqual({ ...films[1], name: 'film' }, films[0]);
});

test('what cannot be measured gets one line', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  const film = await panFilm(folder, 'pan.mov', 0);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[film], /either --style or --painted but received neither/],
    [[film, '--style', 'a', '--painted', 'b'], /but received both/],
    [[film, '--style', 'a', '--steady', 'much'], /off, light, strong for --steady but received much/],
    [[film, '--painted', film, '--frames', '1'], /at least 2 for --frames/],
    [[film, '--painted', film, '--start', '60'], /Expected a video in/],
    [
      [join(folder, 'none.mp4'), '--painted', film],
      /Expected a video but received .*none\.mp4, which does not exist/,
    ],
    [[join(folder, '0.png'), '--painted', film], /Expected at least 2 frames/],
  ];
  const ended = await Promise.all(cases.map(([args]) => callCommand(['flicker', ...args])));
  ended.forEach(({ code, stdout, stderr }, i) => {
    assert.notEqual(code, 0, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, cases[i]![1]);
    // Where the machine is slow, a line of progress may come before.
    assert.match(stderr, /^(Frames .*\n)*fast-style: .*\n$/);
  });
});
