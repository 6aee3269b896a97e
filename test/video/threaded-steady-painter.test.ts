/** What a thread computes while frames are painted is what would be computed in line, to the byte; and it ends as it should. */

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Worker } from 'node:worker_threads';
import { movedPicture } from '../../src/data/motion.ts';
import type { Picture } from '../../src/picture.ts';
import type { FilmPainter } from '../../src/video/film-painter.ts';
import { openFilmPainter, openSyncFilmPainter } from '../../src/video/steady/open-film-painter.ts';
import { SteadyPainter } from '../../src/video/steady/steady-painter.ts';
import { ThreadedSteadyFilm } from '../../src/video/steady/threaded-steady-film.ts';
import { ThreadedSteadyPainter } from '../../src/video/steady/threaded-steady-painter.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const SHARE = 0.9;
const tiny = tinyCheckpoint('c3s1-4,d6,R6,u4,c3s1-3');

/** Two scenes of three frames that move, odd in both sides. */
const frames: readonly Picture[] = [1, 7].flatMap((scene) =>
  [0, 1, 2].map(
    (i) => movedPicture(drawnPicture(91, 71, scene), { right: 1.5 * i, down: 0.4 * i, zoom: 1 }).picture,
  ),
);

/** Stands for a network that gives each frame a grain of its own. */
function grainy() {
  let count = 0;
  let disposals = 0;
  return {
    get disposals() {
      return disposals;
    },
    paint: ({ pixels, width, height }: Picture): Picture => {
      count++;
      return { pixels: pixels.map((value, i) => (value + ((i * 7919 * count) % 41)) & 255), width, height };
    },
    dispose: () => {
      disposals++;
    },
  };
}

/** All threads that this process has started. */
const workers: Worker[] = [];
subscribe('worker_threads', (message) => workers.push((message as { worker: Worker }).worker));
const running = () => workers.filter(({ threadId }) => threadId !== -1).length;

test('in a thread as in line: the same bytes, with cut and statistics, one frame ahead or not', async () => {
  const inLine = openSyncFilmPainter(tiny, 'strong', undefined);
  const expected = frames.map((frame) => inLine.paint(frame, 0));
  const memory = inLine.memory();
  inLine.dispose();
  for (const isAhead of [true, false]) {
    const beside = openFilmPainter(tiny, 'strong', undefined);
    const painted: Promise<Picture>[] = [];
    for (const [i, frame] of frames.entries()) {
      if (isAhead)
        for (const next of i === 0 ? frames.slice(0, 2) : frames.slice(i + 1, i + 2)) beside.foresee!(next);
      // The one before is still underway.
      painted.push(Promise.resolve(beside.paint(frame, 0)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(await Promise.all(painted), expected);
    assert.deepEqual(await beside.memory(), memory);
    await beside.dispose();
  }
});

test('memory can be moved between painters', async () => {
  const inLine = new SteadyPainter(grainy(), SHARE);
  const whole = frames.map((frame) => inLine.paint(frame, 0));
  const painter = grainy();
  const first = new ThreadedSteadyPainter(painter, SHARE);
  const start = await first.memory();
  for (const frame of frames.slice(0, 2)) await first.paint(frame, 0);
  const memory = await first.memory();
  await first.dispose();
  const second = new ThreadedSteadyPainter({ ...grainyFrom(2), dispose: () => undefined }, SHARE);
  second.recall(memory);
  assert.deepEqual(await second.paint(frames[2]!, 0), whole[2]);
  second.recall(start);
  assert.deepEqual((await second.memory()).length, start.length);
  await second.dispose();
  assert.equal(painter.disposals, 1);
});

/** The same network after so many frames. */
function grainyFrom(count: number) {
  const painter = grainy();
  for (let i = 0; i < count; i++) painter.paint(frames[0]!);
  return painter;
}

test('a failure in the thread is an error of the frame that needs it, and no thread is left', async () => {
  const painter = new ThreadedSteadyPainter(grainy(), SHARE);
  await painter.paint(frames[0]!, 0);
  painter.foresee(drawnPicture(64, 70));
  assert.equal(running(), 1);
  await assert.rejects(async () => painter.paint(frames[1]!, 0), /Another frame was foreseen/);
  await assert.rejects(painter.paint(frames[1]!, 0), /Expected 91×71, got 64×70/);
  await assert.rejects(painter.memory(), RangeError);
  await painter.dispose();
  await painter.dispose();
  assert.equal(running(), 0);

  const film = new ThreadedSteadyFilm(SHARE);
  const seen = film.see(frames[0]!);
  const closed = film.close();
  assert.equal(await seen, true, 'what was asked before is answered');
  await closed;
  await assert.rejects(film.see(frames[1]!), /has ended/);
  assert.equal(running(), 0);
});

test('a film painted in a thread: the same bytes, interrupted or not, and as in line; its error is that of the film', {
  skip: noFfmpeg,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, inLine, straight, broken] = ['from.mp4', 'inline.mp4', 'straight.mp4', 'broken.mp4'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  ffmpeg(...testPicture(2), ...H264, from);
  const paint = (to: string, painter: FilmPainter, more = {}) =>
    paintVideo(from, to, { segment: 12, painter, ...more });
  await paint(inLine, openSyncFilmPainter(tiny, 'strong', undefined));
  await paint(straight, openFilmPainter(tiny, 'strong', undefined));
  const controller = new AbortController();
  const onFrame = (done: number) => (done === 30 ? controller.abort() : undefined);
  const stopped = await paint(broken, openFilmPainter(tiny, 'strong', undefined), {
    signal: controller.signal,
    onFrame,
  });
  assert.deepEqual([stopped.isStopped, stopped.frames, stopped.kept], [true, 30, 24]);
  const numbers: number[] = [];
  await paint(broken, openFilmPainter(tiny, 'strong', undefined), {
    onFrame: (done: number) => numbers.push(done),
  });
  assert.deepEqual(
    numbers,
    Array.from({ length: 26 }, (_, i) => 25 + i),
  );
  assert.deepEqual(await readFile(straight), await readFile(inLine));
  assert.deepEqual(await readFile(broken), await readFile(inLine));

  let count = 0;
  const larger = ({ pixels, width, height }: Picture) =>
    ++count < 20 ? { pixels, width, height } : { pixels: pixels.slice(3), width, height };
  const failing = new ThreadedSteadyPainter({ paint: larger, dispose: () => undefined }, SHARE);
  await assert.rejects(paint(join(folder, 'failed.mp4'), failing), RangeError);
  assert.equal(running(), 0);
});
