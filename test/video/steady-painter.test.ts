import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import { movedPicture } from '../../src/data/motion.ts';
import { random, sensorNoise } from '../../src/data/random.ts';
import { findStyle } from '../../src/infer/find-style.ts';
import { SmoothedStyleNetwork } from '../../src/infer/smoothed/smoothed-style-network.ts';
import { type Checkpoint, loadCheckpoint } from '../../src/networks/checkpoint.ts';
import type { Picture } from '../../src/picture.ts';
import { FlickerMeter } from '../../src/quality/film-flicker.ts';
import { FileError } from '../../src/system/errors.ts';
import type { SyncFilmPainter } from '../../src/video/film-painter.ts';
import { FramePainter } from '../../src/video/frame-painter.ts';
import { openSyncFilmPainter } from '../../src/video/steady/open-film-painter.ts';
import { STEADY_SETTINGS } from '../../src/video/steady/setting.ts';
import { SteadyPainter } from '../../src/video/steady/steady-painter.ts';
import { placed } from '../helpers/film.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { tinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const tiny = tinyCheckpoint('c3s1-4,d6,R6,u4,c3s1-3');
const { rate, share } = STEADY_SETTINGS.strong;
const sample = (name: string, longSide: number) =>
  readPicture(fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url)), { longSide });

function grainy(picture: Picture, index: number, deviation = 2): Picture {
  const noise = sensorNoise(picture.pixels.length, deviation, random(5, index));
  const pixels = Uint8ClampedArray.from(picture.pixels, (value, i) => value + noise[i]!);
  return { ...picture, pixels: new Uint8Array(pixels.buffer) };
}

/** A steady painter that mixes so much of the picture before in; 0 smooths statistics alone. */
function painterOf(checkpoint: Checkpoint, share: number): SteadyPainter {
  const stylizer = new SmoothedStyleNetwork(checkpoint, rate);
  return new SteadyPainter(new FramePainter(stylizer), share, stylizer);
}

function paintAll(
  painter: Pick<SyncFilmPainter, 'paint' | 'dispose'>,
  frames: readonly Picture[],
): Picture[] {
  try {
    return frames.map((frame) => painter.paint(frame, 0));
  } finally {
    painter.dispose();
  }
}

const far = (a: Picture, b: Picture) =>
  a.pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - b.pixels[i]!)), 0);

test('memory is restored bit for bit, and anything else is refused', () => {
  const frames = Array.from(
    { length: 5 },
    (_, i) => movedPicture(drawnPicture(90, 70, 3), { right: 1.5 * i, down: 0, zoom: 1 }).picture,
  );
  const whole = paintAll(painterOf(tiny, share), frames);
  const first = painterOf(tiny, share);
  const start = first.memory();
  for (const frame of frames.slice(0, 3)) first.paint(frame, 0);
  const memory = first.memory();
  first.dispose();
  const second = painterOf(tiny, share);
  second.recall(memory);
  assert.deepEqual(second.paint(frames[3]!, 0), whole[3]);
  assert.deepEqual(second.paint(frames[4]!, 0), whole[4]);
  // And back to the beginning.
  second.recall(start);
  assert.deepEqual(second.paint(frames[0]!, 0), whole[0]);
  const damaged = memory.slice();
  damaged[memory.length - 5]! ^= 1;
  for (const bytes of [damaged, memory.slice(0, 60), memory.slice(0, 10), new Uint8Array(0)])
    assert.throws(() => second.recall(bytes), FileError);
  assert.throws(() => second.paint(drawnPicture(64, 70), 0), RangeError);
  second.dispose();
});

test('nothing leaks, and a look is kept', async () => {
  const frames = [1, 2].map((i) => grainy(drawnPicture(64, 48, 2), i));
  for (const steady of ['off', 'light', 'strong'] as const)
    await expectNoLeak(() => {
      const painter = openSyncFilmPainter(tiny, steady, { amount: 0.5, colors: 'photo' });
      const [painted] = paintAll(painter, frames);
      assert.equal(painted!.pixels.length, 3 * 64 * 48);
    });
  // None of the style is the photo.
  const [none] = paintAll(openSyncFilmPainter(tiny, 'strong', { amount: 0, colors: 'style' }), frames);
  assert.ok(far(none!, frames[0]!) <= 1);
});

test('a cut is painted as if it were the first frame', () => {
  const [one, other] = [drawnPicture(96, 80, 1), drawnPicture(96, 80, 7)];
  const [alone] = paintAll(painterOf(tiny, share), [other]);
  const all = paintAll(painterOf(tiny, share), [one, grainy(one, 1), other]);
  assert.deepEqual(all[2], alone);
});

test('a film that moves flickers half as much at most, its texture is kept, and nothing pumps', async () => {
  const checkpoint = await loadCheckpoint(await findStyle('mosaic'));
  const photo = await sample('harbour', 208);
  const frames = Array.from({ length: 10 }, (_, i) =>
    grainy(movedPicture(photo, { right: 1.3 * i, down: -0.4 * i, zoom: 1 }).picture, i),
  );
  const meter = new FlickerMeter();
  const plain = paintAll(openSyncFilmPainter(checkpoint, 'off', undefined), frames);
  const strong = paintAll(openSyncFilmPainter(checkpoint, 'strong', undefined), frames);
  frames.forEach((frame, i) => {
    meter.add(frame, [plain[i]!, strong[i]!]);
  });
  const [before, after] = meter.results() as [
    ReturnType<typeof meter.results>[0],
    ReturnType<typeof meter.results>[0],
  ];
  assert.ok(after.short < 0.5 * before.short, `${after.short} of ${before.short}`);
  assert.ok(after.texture > 0.93 * before.texture, `${after.texture} of ${before.texture}`);
  assert.ok(after.brightness < before.brightness + 0.3, `${after.brightness}, ${before.brightness}`);
});

test('nothing remains after a moving edge: what it uncovers is painted as without the previous picture', async () => {
  const checkpoint = await loadCheckpoint(await findStyle('mosaic'));
  const [ground, thing] = [await sample('harbour', 224), await sample('valley', 80)];
  for (const step of [5, 14]) {
    const lefts = [0, 1, 2, 3, 4].map((i) => 16 + step * i);
    const frames = lefts.map((left, i) => grainy(placed(ground, thing, left, 50), i));
    const fresh = paintAll(painterOf(checkpoint, 0), frames).at(-1)!;
    const [before, steady] = paintAll(painterOf(checkpoint, share), frames).slice(-2) as [Picture, Picture];
    // The share of what was shown before, by least squares.
    let [product, square] = [0, 0];
    const edge = lefts.at(-1)!;
    for (let y = 55; y < 45 + thing.height; y++)
      for (let at = 3 * (y * ground.width + edge - step); at < 3 * (y * ground.width + edge); at++) {
        const old = before.pixels[at]! - fresh.pixels[at]!;
        product += old * (steady.pixels[at]! - fresh.pixels[at]!);
        square += old * old;
      }
    assert.ok(Math.sqrt(square) > 1000);
    assert.ok(Math.abs(product / square) < 0.05, `step ${step}: ${product / square}`);
  }
});
