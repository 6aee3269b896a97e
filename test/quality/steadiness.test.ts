import assert from 'node:assert/strict';
import test from 'node:test';
import { random, sensorNoise } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { localTexture } from '../../src/quality/local-texture.ts';
import { staticFlicker } from '../../src/quality/static-flicker.ts';
import { FILM_CHANGES, type Steadiness, steadiness } from '../../src/quality/steadiness.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const photos = [drawnPicture(72, 64, 1), drawnPicture(64, 80, 2)];

const changed = (picture: Picture, change: (value: number, x: number, y: number) => number): Picture => ({
  ...picture,
  pixels: new Uint8Array(
    Uint8ClampedArray.from(picture.pixels, (value, i) => {
      const pixel = Math.floor(i / 3);
      return change(value, pixel % picture.width, Math.floor(pixel / picture.width));
    }).buffer,
  ),
});
const flat = (picture: Picture) => changed(picture, () => 128);

/** Root mean squares by the change's name. */
async function follow(stylize: (picture: Picture) => Picture): Promise<Record<string, number> & Steadiness> {
  const found = await steadiness({ stylize, photos });
  const rms = Object.fromEntries(found.changes.map((one) => [one.name, one.rms]));
  return { ...rms, ...found } as Record<string, number> & Steadiness;
}

test('painting nothing follows every motion, and passes on noise and brightness as they come', async () => {
  const found = await follow((picture) => picture);
  for (const { name, rms, mean, photo } of found.changes) {
    assert.equal(rms, photo, name);
    assert.ok(mean <= rms);
    if ('motion' in FILM_CHANGES[name as keyof typeof FILM_CHANGES]) assert.equal(rms, 0, name);
  }
  assert.ok(Math.abs(found['noise 2']! - 2) < 0.1 && Math.abs(found['noise 4']! - 4) < 0.1);
  // 5 % of values of 128 ± 43.
  assert.ok(Math.abs(found['brightness 5 %']! - 6.7) < 0.5, `${found['brightness 5 %']}`);
});

test('a flat picture is steady, and has no texture', async () => {
  const found = await follow(flat);
  assert.equal(found.texture, 0);
  for (const { rms, relative } of found.changes) assert.equal(rms + relative, 0);
});

test('a pattern that stays on the screen does not follow', async () => {
  const checkered = (picture: Picture) => changed(picture, (_, x, y) => ((x + y) % 2 === 0 ? 148 : 108));
  const found = await follow(checkered);
  // It moves by an odd number of pixels: what was 148 is 108.
  assert.equal(found['pan 1 px'], 40);
  assert.equal(found['noise 4'], 0);
  assert.ok(Math.abs(found.texture - 20) < 0.5, `${found.texture}`);
  const one = found.changes.find(({ name }) => name === 'pan 1 px')!;
  assert.ok(Math.abs(one.relative - Math.SQRT2) < 0.05, `${one.relative}`);
  assert.equal(one.mean, 40);
  const even = await steadiness({
    stylize: checkered,
    photos,
    changes: { even: { motion: { right: 2, down: 4, zoom: 1 } } },
  });
  assert.equal(even.changes[0]!.rms, 0);
});

test('texture painted anew in every frame is 1 of texture', async () => {
  const next = random(3);
  const found = await follow((picture) => {
    const noise = sensorNoise(picture.pixels.length, 20, next);
    return { ...picture, pixels: Uint8Array.from(noise, (value) => Math.round(128 + value)) };
  });
  for (const { name, relative, rms } of found.changes) {
    // Moved by a fraction of a pixel or enlarged, noise is a little smoother.
    assert.ok(relative > 0.8 && relative < 1.1, `${name}: ${relative}`);
    assert.ok(rms > 22 && rms < 30, `${name}: ${rms}`);
  }
});

test('every painting is counted, and small photos are refused', async () => {
  const counts: string[] = [];
  const count = photos.length * (1 + Object.keys(FILM_CHANGES).length);
  await steadiness({ stylize: flat, photos, progress: (done, total) => counts.push(`${done}/${total}`) });
  assert.deepEqual(
    counts,
    Array.from({ length: count }, (_, i) => `${i + 1}/${count}`),
  );
  await assert.rejects(steadiness({ stylize: flat, photos: [drawnPicture(48, 90)] }), RangeError);
});

test('texture is what varies within some pixels; light and slopes are none', () => {
  const base = drawnPicture(60, 50, 1);
  const stripes = changed(base, (_, x) => (x % 2 === 0 ? 150 : 100));
  // Of nine columns about a pixel five are like it: their mean is a ninth nearer to it.
  assert.ok(Math.abs(localTexture(stripes) - (25 * 8) / 9) < 0.3, `${localTexture(stripes)}`);
  const slope = changed(base, (_, x) => 40 + 2 * x);
  assert.ok(localTexture(slope) < 3, `${localTexture(slope)}`);
  const halves = changed(base, (_, x) => (x < 30 ? 100 : 101));
  assert.ok(localTexture(halves) < 0.5);
});

test('flicker is measured only where the film is still', () => {
  const before = drawnPicture(60, 40, 5);
  // The right half moves, the left one keeps still but for a level of noise.
  const after = changed(before, (value, x, y) => (x < 30 ? value + ((x + y) % 2) : value + 60));
  const painted = [before, changed(before, (value, x) => (x < 30 ? value + 7 : 255 - value))] as const;
  const found = staticFlicker([before, after], painted);
  assert.ok(Math.abs(found.share - 28 / 56) < 0.05, `${found.share}`);
  assert.ok(Math.abs(found.painted - 7) < 0.01, `${found.painted}`);
  assert.ok(Math.abs(found.film - 0.5) < 0.02, `${found.film}`);
  assert.deepEqual(staticFlicker([before, before], [before, before]), { share: 1, painted: 0, film: 0 });
  const none = staticFlicker([before, changed(before, (value) => 255 - value)], [before, after], 0);
  assert.deepEqual(none, { share: 0, painted: 0, film: 0 });
  assert.throws(() => staticFlicker([before, drawnPicture(59, 40)], [before, before]), /frames of 60×40/);
});
