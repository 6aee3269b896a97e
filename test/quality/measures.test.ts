/** Every measure lets a clean picture pass and catches the fault that it is for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Picture, readPicture } from '../../src/data/image-file.ts';
import { random, randomBelow } from '../../src/data/random.ts';
import { measuresOf, type PaintedTwice } from '../../src/quality/check-style.ts';
import type { MeasureName } from '../../src/quality/limits.ts';
import { evenPictures, randomWindows, withoutMargin } from '../../src/quality/test-pictures.ts';

type Fault = (picture: Picture) => Picture;

const sample = (name: string) => fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url));
const photos = await Promise.all(
  ['harbour', 'valley'].map((name) => readPicture(sample(name), { shortSide: 300 })),
);
const MARGIN = 20;
const SIDE = 160;

/** What `fault` would paint: of the picture alone, and of a larger one around it. */
const twice =
  (fault: Fault) =>
  (window: Picture): PaintedTwice => {
    const photo = withoutMargin(window, MARGIN);
    return { photo, painted: fault(photo), asCentre: withoutMargin(fault(window), MARGIN) };
  };

function faultsOf(fault: Fault, painting: Picture = photos[0]!): MeasureName[] {
  const measures = measuresOf({
    even: evenPictures(SIDE + 2 * MARGIN).map(twice(fault)),
    crops: randomWindows(photos, SIDE + 2 * MARGIN, 4).map(twice(fault)),
    painting,
  });
  return measures.filter(({ ok }) => !ok).map(({ name }) => name);
}

/** A fault as a function of a pixel's channel value and place. */
const each =
  (change: (value: number, x: number, y: number, c: number, picture: Picture) => number): Fault =>
  (picture) => {
    const { pixels, width, height } = picture;
    const values = Uint8ClampedArray.from(pixels, (value, i) => {
      const pixel = Math.floor(i / 3);
      return change(value, pixel % width, Math.floor(pixel / width), i % 3, picture);
    });
    return { pixels: new Uint8Array(values.buffer), width, height };
  };

const grey = ({ pixels }: Picture, x: number, y: number, width: number) =>
  [0, 1, 2].reduce((sum, c) => sum + pixels[(y * width + x) * 3 + c]! / 3, 0);

test('a picture without faults passes', () => {
  assert.deepEqual(
    faultsOf((picture) => picture),
    [],
  );
});

const faults: readonly (readonly [string, Fault, readonly MeasureName[]])[] = [
  [
    'a checkerboard of ±3 grey levels',
    each((value, x, y) => value + ((x + y) % 2 === 0 ? 3 : -3)),
    ['lattice of 2 px'],
  ],
  [
    'stripes of ±3 grey levels every 2 px',
    each((value, x) => value + (x % 2 === 0 ? 3 : -3)),
    ['lattice of 2 px'],
  ],
  [
    'a weave of ±4 grey levels every 4 px, in a part of the picture only',
    each((value, x, y, _, { width }) => (x > width / 3 ? value + (x % 4 < 2 === y % 4 < 2 ? 4 : -4) : value)),
    ['lattice of 4 px'],
  ],
  [
    'a dark frame',
    each((value, x, y, _, { width, height }) =>
      Math.min(x, y, width - 1 - x, height - 1 - y) < 4 ? 0.7 * value : value,
    ),
    ['border colour', 'border colour, even'],
  ],
  [
    'one smeared side',
    ({ pixels, width, height }) => {
      const smeared = pixels.slice();
      for (let y = 0; y < 6; y++)
        for (let i = 0; i < width * 3; i++) smeared[y * width * 3 + i] = pixels[i - (i % 90)]!;
      return { pixels: smeared, width, height };
    },
    ['border contrast'],
  ],
  [
    'white and black blobs',
    each((value, x, y) =>
      (x - 60) ** 2 + (y - 60) ** 2 < 90 ? 255 : (x - 110) ** 2 + (y - 90) ** 2 < 90 ? 0 : value,
    ),
    ['blobs'],
  ],
  ['clipped colour', each((value) => 128 + 3.5 * (value - 128)), ['clipped values']],
  ['blank pictures', each((_, __, ___, c) => [120, 90, 140][c]!), ['lightness spread', 'hues kept']],
  ['grey pictures', each((_, x, y, __, picture) => grey(picture, x, y, picture.width)), ['chroma kept']],
  [
    'pictures of a single colour',
    each((_, x, y, c, picture) => 0.35 * grey(picture, x, y, picture.width) + [110, 80, 40][c]!),
    ['hues kept'],
  ],
  [
    'colours of another painting',
    each((value, _, __, c) => (c === 0 ? value + 90 : c === 2 ? value - 60 : value)),
    ['colour distance'],
  ],
  [
    'white dots',
    ({ pixels, width, height }) => {
      const dotted = pixels.slice();
      const next = random(3);
      for (let n = 0; n < (width * height) / 400; n++) {
        const at = (randomBelow(height - 2, next) * width + randomBelow(width - 2, next)) * 3;
        for (const row of [0, width * 3]) dotted.fill(250, at + row, at + row + 6);
      }
      return { pixels: dotted, width, height };
    },
    ['dots'],
  ],
];

for (const [name, fault, wanted] of faults)
  test(`${name}: found`, () => {
    const found = faultsOf(fault);
    for (const measure of wanted) assert.ok(found.includes(measure), `${measure} in [${found.join(', ')}]`);
  });

test("colours that stay the photos' own are found where the painting has others", () => {
  const painting = each((value, _, __, c) => (c === 0 ? value + 70 : value - 60))(photos[0]!);
  assert.ok(faultsOf((picture) => picture, painting).includes('colour distance kept'));
});

test('the white of a photo is no blob, and strokes are no dots', () => {
  const white = each((value, _, y) => (y < 40 ? 255 : value));
  const whitened = randomWindows(photos, SIDE, 2).map(white);
  const crops = whitened.map((photo) => ({ photo, painted: photo, asCentre: photo }));
  const strokes = each((value, x, y) => ((x + 3 * y) % 24 < 3 ? value + 60 : value));
  const find = (measures: ReturnType<typeof measuresOf>, name: MeasureName) =>
    measures.find((one) => one.name === name)?.value;
  assert.equal(find(measuresOf({ even: evenPictures(SIDE).map(twice(white)), crops }), 'blobs'), 0);
  const stroked = evenPictures(SIDE).map((photo) => ({
    photo,
    painted: strokes(photo),
    asCentre: strokes(photo),
  }));
  assert.ok(find(measuresOf({ even: evenPictures(SIDE).map(twice(white)), crops: stroked }), 'dots')! < 0.5);
});
