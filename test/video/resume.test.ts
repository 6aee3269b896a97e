/** A film broken off goes on, to the same bytes as one that was not. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { SyncFilmPainter } from '../../src/video/film-painter.ts';
import { ffmpeg, frameTimes, H264, noFfmpeg, streamHash, testPicture } from '../helpers/clips.ts';
import { type PaintOptions, paintVideo } from '../helpers/paint-video.ts';
import { startCli } from '../helpers/run-cli.ts';
import { signalAtFile } from '../helpers/signal-at-file.ts';
import { withSmallDisk } from '../helpers/small-disk.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const options = { skip: noFfmpeg };

/** Mixes each frame with all before it: forgets nothing, and says where it was taken up. */
function trailing(): SyncFilmPainter & { readonly recalled: number[] } {
  let trail: Uint8Array | undefined;
  const recalled: number[] = [];
  return {
    recalled,
    paint: ({ pixels, width, height }) => {
      const before = trail;
      trail = before === undefined ? pixels : pixels.map((value, i) => (value + before[i]!) >> 1);
      return { pixels: trail.slice(), width, height };
    },
    memory: () => trail?.slice(),
    recall: (memory) => {
      trail = memory;
      recalled.push(memory.length);
    },
    dispose: () => {},
  };
}

test('a painter with memory continues where it was; other settings are refused', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, straight, broken] = ['from.mp4', 'straight.mp4', 'broken.mp4'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const sound = ['-f', 'lavfi', '-i', 'sine=d=2'];
  ffmpeg(...testPicture(2), ...sound, ...H264, '-c:a', 'aac', from);
  const paint = (to: string, more: PaintOptions = {}) =>
    paintVideo(from, to, { segment: 12, painter: trailing(), ...more });
  await paint(straight);
  const controller = new AbortController();
  const onFrame = (done: number) => (done === 30 ? controller.abort() : undefined);
  const stopped = await paint(broken, { signal: controller.signal, onFrame });
  assert.deepEqual([stopped.isStopped, stopped.frames, stopped.kept], [true, 30, 24]);
  assert.deepEqual((await readdir(folder)).sort(), ['broken.mp4.parts', 'from.mp4', 'straight.mp4']);
  await assert.rejects(paint(broken, { crf: 30 }), /part of another film \(encoding was .*--overwrite/);
  const painter = trailing();
  const done: number[] = [];
  await paint(broken, { painter, onFrame: (frame) => done.push(frame) });
  assert.deepEqual(painter.recalled, [64 * 48 * 3]);
  assert.equal(done[0], 25, 'finished frames are not painted again');
  assert.deepEqual(await readFile(broken), await readFile(straight));
  assert.equal(streamHash(broken, 'a'), streamHash(from, 'a'), 'the sound has no joint');
  assert.deepEqual(frameTimes(broken), frameTimes(from));
  assert.deepEqual((await readdir(folder)).sort(), ['broken.mp4', 'from.mp4', 'straight.mp4']);
});

test('killed with SIGKILL', options, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  ffmpeg(...testPicture(10.8, '32x32'), ...H264, join(folder, 'from.mp4'));
  const run = (to: string, env = {}) =>
    startCli(['video', 'from.mp4', '--style', style, '--out', to, '--precision', 'f32'], { cwd: folder, env })
      .done;
  const { signal, stderr } = await run('killed.mp4', signalAtFile(/000000\.json$/, 'SIGKILL'));
  assert.equal(signal, 'SIGKILL', stderr);
  assert.ok(!(await readdir(folder)).includes('killed.mp4'), 'nothing is there before it is whole');
  const [again, straight] = await Promise.all([run('killed.mp4'), run('straight.mp4')]);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(straight.code, 0, straight.stderr);
  assert.match(again.stderr, /Continuing after 250 finished frames/);
  assert.match(again.stdout, /killed\.mp4 \(32×32, 270 frames/);
  assert.deepEqual(await readFile(join(folder, 'killed.mp4')), await readFile(join(folder, 'straight.mp4')));
});

test(
  'a full disk stops it with one line, finished parts stay, and with room again it continues',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const from = join(folder, 'from.mp4');
    const noise = ['-f', 'lavfi', '-i', 'nullsrc=s=128x96:r=25:d=1.2,geq=random(1)*255:128:128'];
    ffmpeg(...noise, ...H264, from);
    const how = { segment: 10, crf: 10 };
    await paintVideo(from, join(folder, 'straight.mp4'), how);
    const { size } = await stat(join(folder, 'straight.mp4'));
    // Room for the film twice, less a filler: first in painting, then in joining is it too little.
    await withSmallDisk(t, Math.ceil((2.5 * size) / 1024), async (disk) => {
      const [to, filler] = [join(disk, 'to.mp4'), join(disk, 'filler')];
      for (const [free, finished] of [
        [0.7, ['000000.json', '000001.json']],
        [1.5, ['000002.json']],
      ] as const) {
        await writeFile(filler, Buffer.alloc((2.5 - free) * size));
        await assert.rejects(paintVideo(from, to, how), /no room is left on the disk/);
        const there = await readdir(join(disk, 'to.mp4.parts'));
        assert.ok(
          there.some((file) => finished.some((one) => one === file)),
          there.join(' '),
        );
        assert.deepEqual((await readdir(disk)).sort(), ['filler', 'to.mp4.parts']);
      }
      await rm(filler);
      await paintVideo(from, to, how);
      assert.deepEqual(await readFile(to), await readFile(join(folder, 'straight.mp4')));
      assert.deepEqual(await readdir(disk), ['to.mp4']);
    });
  },
);
