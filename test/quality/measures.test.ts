/** Every measure lets a clean picture pass and catches the fault that it is for. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import { random, randomBelow } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { measuresOf, type PaintedTwice } from '../../src/quality/faults.ts';
import { toLab } from '../../src/quality/lab.ts';
import type { MeasureName } from '../../src/quality/limits.ts';
import { ownTexture } from '../../src/quality/local-texture.ts';
import { structureKept } from '../../src/quality/structure.ts';
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

/** Two flat ones and a graded one: each fault there is in one of them, and their spectra take longest. */
const even = [0, 2, 4].map((i) => evenPictures(SIDE + 2 * MARGIN)[i]!);
const crops = randomWindows(photos, SIDE + 2 * MARGIN, 4);

function faultsOf(fault: Fault, painting: Picture = photos[0]!): MeasureName[] {
  const measures = measuresOf({
    even: even.map(twice(fault)),
    crops: crops.map(twice(fault)),
    painting,
  });
  return measures.filter(({ ok }) => !ok).map(({ name }) => name);
}

/** A fault as a function of a pixel's channel value and place. */
const each =
  (change: (value: number, x: number, y: number, c: number, picture: Picture) => number): Fault =>
  (picture) => {
    const { pixels, width, height } = picture;
    const values = new Uint8ClampedArray(pixels.length);
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++, i++) values[i] = change(pixels[i]!, x, y, c, picture);
    return { pixels: new Uint8Array(values.buffer), width, height };
  };

const grey = ({ pixels }: Picture, x: number, y: number, width: number) =>
  [0, 1, 2].reduce((sum, c) => sum + pixels[(y * width + x) * 3 + c]! / 3, 0);

test('a photo left as it is has no fault but that nothing was painted', () => {
  assert.deepEqual(
    faultsOf((picture) => picture),
    ['texture of its own', 'change of colour'],
  );
});

/** Strokes of 40 grey levels over the photo, aslant, and every colour shifted to the next channel. */
const painted: Fault = (picture) => {
  const { pixels, width } = picture;
  return each((_, x, y, c) => {
    const colour = pixels[(y * width + x) * 3 + ((c + 1) % 3)]!;
    return 0.7 * colour + 30 + ((3 * x + 5 * y) % 31 < 11 ? 40 : 0);
  })(picture);
};

test('a photo with strokes over it is painted, and still the photo', () => {
  const found = faultsOf(painted);
  for (const name of ['forms kept', 'texture of its own', 'change of colour'] as const)
    assert.ok(!found.includes(name), `[${found.join(', ')}]`);
});

const noise: Fault = (picture) => {
  const next = random(5);
  return each(() => 255 * next())(picture);
};

/** Each pixel the mean of the 5×5 around it, as far as they lie in the picture. */
function blurred(picture: Picture): Picture {
  const { pixels, width, height } = picture;
  return each((_, x, y, c) => {
    let [sum, count] = [0, 0];
    for (let row = Math.max(0, y - 2); row <= Math.min(height - 1, y + 2); row++)
      for (let column = Math.max(0, x - 2); column <= Math.min(width - 1, x + 2); column++) {
        sum += pixels[(row * width + column) * 3 + c]!;
        count += 1;
      }
    return sum / count;
  })(picture);
}

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
    'a photo in other colours',
    each((value, _, __, c) => value * [0.7, 0.8, 0.6][c]! + [40, 20, 60][c]!),
    ['texture of its own'],
  ],
  ['a photo out of focus', (picture) => blurred(picture), ['change of colour']],
  ['noise where the photo was', noise, ['forms kept']],
  ['strokes where the photo was', (picture) => painted(each(() => 128)(picture)), ['forms kept']],
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

test('forms are kept in other colours, and light for dark; those of another photo are not', () => {
  const [harbour, valley] = photos.map((photo) => withoutMargin(photo, MARGIN));
  const negative = each((value, _, __, c) => (c === 1 ? 255 - value : 0.5 * value + 60))(harbour!);
  assert.ok(structureKept([toLab(harbour!)], [toLab(negative)]) > 0.9);
  const size = Math.min(valley!.width, valley!.height, harbour!.width, harbour!.height) - 2 * MARGIN;
  const [one, other] = [harbour!, valley!].map((photo) => randomWindows([photo], size, 1)[0]!);
  assert.ok(structureKept([toLab(one!)], [toLab(other!)]) < 0.1);
  const grey = each(() => 128)(one!);
  assert.equal(structureKept([toLab(one!)], [toLab(grey)]), 0);
  // Of a photo without forms nothing is lost.
  assert.equal(structureKept([toLab(grey)], [toLab(one!)]), 1);
});

test('a picture that is no more than the photo has no texture of its own, noise has nothing else', () => {
  const photo = randomWindows(photos, SIDE, 1)[0]!;
  const darker = each((value) => Math.round(value / 2))(photo);
  assert.ok(ownTexture([photo], [darker]) < 0.01);
  assert.ok(ownTexture([photo], [noise(photo)]) > 0.99);
  assert.equal(ownTexture([photo], [each(() => 90)(photo)]), 1);
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
  const flat = even.slice(0, 1).map(twice(white));
  assert.equal(find(measuresOf({ even: flat, crops }), 'blobs'), 0);
  const stroked = evenPictures(SIDE).map((photo) => ({
    photo,
    painted: strokes(photo),
    asCentre: strokes(photo),
  }));
  assert.ok(find(measuresOf({ even: flat, crops: stroked }), 'dots')! < 0.5);
});
