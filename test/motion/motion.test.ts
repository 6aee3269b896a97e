import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import { type Motion, movedPicture } from '../../src/data/motion.ts';
import { random, sensorNoise } from '../../src/data/random.ts';
import type { Flow } from '../../src/motion/flow.ts';
import { opticalFlow } from '../../src/motion/optical-flow.ts';
import { pyramid } from '../../src/motion/pyramid.ts';
import { frameChange, isSceneCut } from '../../src/motion/scene-cut.ts';
import { traceable, warped } from '../../src/motion/warp.ts';
import type { Picture } from '../../src/picture.ts';
import { placed } from '../helpers/film.ts';

const sample = (name: string, longSide: number) =>
  readPicture(fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url)), { longSide });

const flowBetween = (from: Picture, to: Picture) => opticalFlow(pyramid(from), pyramid(to));
const MOVES: readonly Motion[] = [
  { right: 0, down: 0, zoom: 1 },
  { right: 2.5, down: 0.5, zoom: 1 },
  { right: 0.25, down: -0.5, zoom: 1 },
  { right: 13, down: -7.3, zoom: 1 },
  { right: 0, down: 0, zoom: 1.02 },
];

/** Mean distance to the motion known, px, over places that both pictures show. */
function endpointError(flow: Flow, moved: ReturnType<typeof movedPicture>, motion: Motion): number {
  const { width, height } = moved.picture;
  let [sum, count] = [0, 0];
  for (let y = 0, at = 0; y < flow.height; y++) {
    for (let x = 0; x < flow.width; x++, at++) {
      const [px, py] = [x, y].map((place) => flow.factor * place + (flow.factor - 1) / 2) as [number, number];
      if (moved.inside[Math.round(py) * width + Math.round(px)] === 0) continue;
      const from = (place: number, size: number, shift: number) =>
        (size - 1) / 2 + (place - (size - 1) / 2 - shift) / motion.zoom - place;
      sum += Math.hypot(
        flow.across[at]! - from(px, width, motion.right),
        flow.down[at]! - from(py, height, motion.down),
      );
      count++;
    }
  }
  return sum / count;
}

test('known motion is found: pans, fractions of a pixel and zooms, with noise, too', async () => {
  const photo = await sample('harbour', 360);
  const noisy = (picture: Picture, index: number): Picture => {
    const noise = sensorNoise(picture.pixels.length, 2, random(3, index));
    const pixels = Uint8ClampedArray.from(picture.pixels, (value, i) => value + noise[i]!);
    return { ...picture, pixels: new Uint8Array(pixels.buffer) };
  };
  for (const motion of MOVES) {
    const moved = movedPicture(photo, motion);
    const clean = endpointError(flowBetween(moved.picture, photo), moved, motion);
    const noised = endpointError(flowBetween(noisy(moved.picture, 1), noisy(photo, 2)), moved, motion);
    assert.ok(clean < 0.35 && noised < 0.4, `${JSON.stringify(motion)}: ${clean}, ${noised}`);
  }
});

test('small frames have motion, too', async () => {
  const photo = await sample('valley', 96);
  const motion = { right: 2, down: 1, zoom: 1 };
  const moved = movedPicture(photo, motion);
  const flow = flowBetween(moved.picture, photo);
  assert.equal(flow.factor, 1);
  assert.ok(endpointError(flow, moved, motion) < 0.3);
  const tiny: Picture = { pixels: photo.pixels.slice(0, 3 * 16 * 16), width: 16, height: 16 };
  assert.ok(flowBetween(tiny, tiny).across.every((value) => value === 0));
});

/** A flow that is the same everywhere. */
function evenFlow(width: number, height: number, across: number, down: number): Flow {
  const count = width * height;
  const [u, v] = [new Float32Array(count).fill(across), new Float32Array(count).fill(down)];
  return { across: u, down: v, width, height, factor: 1 };
}

test('warping by whole pixels copies; by fractions it keeps a smooth picture; beyond the border nothing is known', () => {
  const [width, height] = [12, 9];
  const values = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 10 + 3 * (pixel % width) + 5 * Math.floor(pixel / width) + (i % 3);
  });
  const by = (across: number, down: number) =>
    warped({ values, width, height }, evenFlow(width, height, across, down));
  const same = by(0, 0);
  assert.deepEqual(same.values, values);
  assert.ok(same.inside.every((one) => one === 1));
  const whole = by(2, -1);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isIn = x + 2 < width && y >= 1;
      assert.equal(whole.inside[y * width + x], isIn ? 1 : 0);
      if (isIn) assert.equal(whole.values[3 * (y * width + x)], values[3 * ((y - 1) * width + x + 2)]);
    }
  // A cubic keeps planes exactly.
  const part = by(0.25, 0.5);
  for (let y = 1; y < height - 3; y++)
    for (let x = 1; x < width - 3; x++) {
      const at = 3 * (y * width + x);
      assert.ok(Math.abs(part.values[at]! - (values[at]! + 0.75 + 2.5)) < 1e-4);
    }
});

test('what a moving thing uncovers cannot be traced, what stays can', async () => {
  const [ground, thing] = [await sample('harbour', 320), await sample('valley', 120)];
  const [before, now] = [60, 66].map((left) => placed(ground, thing, left, 60)) as [Picture, Picture];
  const flow = flowBetween(now, before);
  const { seen } = traceable(flow, flowBetween(before, now));
  const share = (left: number, right: number) => {
    let [sum, count] = [0, 0];
    for (let y = 35; y < 30 + thing.height / 2 - 5; y++)
      for (let x = left / 2; x < right / 2; x++, count++) sum += seen[y * flow.width + x]!;
    return sum / count;
  };
  assert.ok(share(60, 66) < 0.4, `uncovered: ${share(60, 66)}`);
  assert.ok(share(20, 50) > 0.95, `ground: ${share(20, 50)}`);
  assert.ok(share(78, 66 + thing.width - 8) > 0.9, `thing: ${share(78, 66 + thing.width - 8)}`);
});

test('a cut is distinguished from motion, noise and light', async () => {
  const [one, other] = [await sample('harbour', 240), await sample('valley', 240)];
  const size = { width: 200, height: 128 };
  const crop = (picture: Picture): Picture =>
    placed({ ...size, pixels: new Uint8Array(3 * 200 * 128) }, picture, 0, 0);
  const change = (now: Picture, before: Picture) => {
    const [a, b] = [pyramid(now), pyramid(before)];
    return frameChange(a, b, opticalFlow(a, b));
  };
  const base = crop(one);
  assert.ok(isSceneCut(change(base, crop(other))));
  assert.ok(isSceneCut(change(crop(other), base)));
  const brighter = { ...base, pixels: base.pixels.map((value) => Math.min(255, value * 1.2 + 10)) };
  const noise = sensorNoise(base.pixels.length, 8, random(6));
  const grainy = { ...base, pixels: base.pixels.map((v, i) => Math.max(0, Math.min(255, v + noise[i]!))) };
  const flat = { ...size, pixels: new Uint8Array(base.pixels.length).fill(90) };
  const grainyFlat = { ...flat, pixels: flat.pixels.map((v, i) => v + noise[i]!) };
  const moved = movedPicture(base, { right: 12, down: 4, zoom: 1.03 }).picture;
  for (const next of [brighter, grainy, moved]) assert.ok(!isSceneCut(change(next, base)));
  assert.ok(!isSceneCut(change(grainyFlat, flat)));
  assert.ok(isSceneCut(change(flat, base)));
});
