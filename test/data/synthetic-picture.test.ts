import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { naturalStatistics, spectralSlope } from '../../bench/natural-statistics.ts';
import { random } from '../../src/data/random.ts';
import { powerLawSize } from '../../src/data/synth/draw.ts';
import { noiseTiles, sampleNoise, TILE } from '../../src/data/synth/noise-tile.ts';
import { SYNTHESIS_VERSION, syntheticPicture } from '../../src/data/synth/picture.ts';

const hash = (pixels: Uint8Array) => createHash('sha256').update(pixels).digest('hex');

test('a picture is a function of seed, index and size, the same on every machine', () => {
  const picture = syntheticPicture(1, 3, 96);
  assert.deepEqual([picture.width, picture.height, picture.pixels.length], [96, 96, 96 * 96 * 3]);
  const others = [syntheticPicture(1, 4, 96), syntheticPicture(2, 3, 96)].map(({ pixels }) => hash(pixels));
  assert.equal(new Set([hash(picture.pixels), ...others]).size, 3);
  assert.equal(
    hash(syntheticPicture(1, 3, 96).pixels),
    hash(picture.pixels),
    'pictures before it change nothing',
  );
  // Pixels of the version's own: where they change, the version has to, as data sets in caches are named by it.
  const known = createHash('sha256');
  for (let i = 0; i < 8; i++) known.update(syntheticPicture(1, i, 64).pixels);
  assert.deepEqual(
    [SYNTHESIS_VERSION, known.digest('hex')],
    [1, '5160fa5b1dbe259a8cf2678534fdc1775e1a7734aa2da1395220c72ebe85c630'],
  );
});

test('tiles have the spectra that they are named for, and join at their edges', () => {
  const tiles = noiseTiles();
  const slopeOf = (tile: (typeof tiles)['rough']) =>
    spectralSlope(
      Float64Array.from(
        { length: 128 * 128 },
        (_, i) => tile.levels[0]![Math.floor(i / 128) * TILE + (i % 128)]!,
      ),
    );
  assert.ok(Math.abs(slopeOf(tiles.rough) - 2) < 0.4, `${slopeOf(tiles.rough)}`);
  assert.ok(Math.abs(slopeOf(tiles.plain) - 3) < 0.5, `${slopeOf(tiles.plain)}`);
  assert.ok(Math.abs(slopeOf(tiles.smooth) - 4) < 0.6, `${slopeOf(tiles.smooth)}`);
  for (const level of [0, 3]) {
    const at = (u: number) => sampleNoise(tiles.plain, u, 77.3, level);
    assert.equal(at(5.25), at(5.25 + TILE));
    assert.ok(Math.abs(at(TILE - 0.01) - at(TILE + 0.01)) < 0.05, 'no step where the tile begins anew');
  }
});

test('the spectrum that is measured is the one that is there', () => {
  const next = random(5);
  const white = Float64Array.from({ length: 128 * 128 }, () => next());
  assert.ok(Math.abs(spectralSlope(white)) < 0.15, 'white noise is flat');
  // Sums along rows and columns have 1 / f² each way.
  const step = Float64Array.from(
    { length: 128 * 128 },
    (_, i) => (i % 128 < 61 ? 0 : 200) + (i < 70 * 128 ? 0 : 90),
  );
  assert.ok(Math.abs(spectralSlope(step) - 3) < 0.3, `edges fall with the cube: ${spectralSlope(step)}`);
});

test('sizes fall with their cube', () => {
  const next = random(6);
  const sizes = Array.from({ length: 20000 }, () => powerLawSize(1, 100, next));
  const share = (least: number) => sizes.filter((size) => size > least).length / sizes.length;
  assert.ok(sizes.every((size) => size >= 1 && size <= 100));
  assert.ok(Math.abs(share(2) - 1 / 4) < 0.02 && Math.abs(share(4) - 1 / 16) < 0.01);
});

test('pictures have statistics like those of photos', () => {
  const found = Array.from({ length: 16 }, (_, i) => naturalStatistics(syntheticPicture(3, i, 160)));
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  const within = (value: number, low: number, high: number, what: string) =>
    assert.ok(value > low && value < high, `${what}: ${value}`);
  within(median(found.map(({ slope }) => slope)), 1.9, 3.2, 'slope');
  within(median(found.map(({ kurtosis }) => kurtosis)), 6, 80, 'kurtosis');
  within(median(found.map(({ mean }) => mean)), 80, 160, 'mean');
  within(median(found.map(({ smooth }) => smooth)), 0.2, 0.75, 'smooth share');
  within(median(found.map(({ deviations }) => deviations[0])), 40, 130, 'lightness');
  within(median(found.map(({ deviations }) => deviations[2])), 3, 25, 'red-green');
});
