import assert from 'node:assert/strict';
import test from 'node:test';
import { motionMatrix, motionTaps, movedPicture } from '../../src/data/motion.ts';
import type { Picture } from '../../src/picture.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const STILL = { right: 0, down: 0, zoom: 1 };

/** A picture of slow waves: `at` says where in it the pixel (x, y) is read. */
function waves(side: number, at: (x: number, y: number) => readonly [number, number]): Picture {
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [u, v] = at(x, y);
      const value = 128 + 50 * Math.sin(0.7 * u + 0.3 * v) + 50 * Math.cos(0.2 * u - 0.6 * v);
      pixels.fill(Math.round(value), (y * side + x) * 3, (y * side + x) * 3 + 3);
    }
  return { pixels, width: side, height: side };
}

function largestDifference(a: Picture, b: Picture, inside: Uint8Array, margin: number): number {
  let largest = 0;
  for (let y = margin; y < a.height - margin; y++)
    for (let x = margin; x < a.width - margin; x++)
      if (inside[y * a.width + x] === 1)
        for (let c = 0; c < 3; c++) {
          const at = (y * a.width + x) * 3 + c;
          largest = Math.max(largest, Math.abs(a.pixels[at]! - b.pixels[at]!));
        }
  return largest;
}

test('no motion is a copy, whole pixels are copied, and what comes into view is mirrored', () => {
  const picture = drawnPicture(20, 12, 3);
  const still = movedPicture(picture, STILL);
  assert.deepEqual(still.picture, picture);
  assert.ok(still.inside.every((one) => one === 1));
  const { picture: moved, inside } = movedPicture(picture, { right: 3, down: -2, zoom: 1 });
  const pixel = ({ pixels }: Picture, x: number, y: number) => [
    ...pixels.slice((y * 20 + x) * 3).slice(0, 3),
  ];
  for (let y = 0; y < 12; y++)
    for (let x = 0; x < 20; x++) {
      const isInside = x >= 3 && y < 10;
      assert.equal(inside[y * 20 + x], isInside ? 1 : 0);
      const [fromX, fromY] = [Math.abs(x - 3), y + 2 > 11 ? 22 - (y + 2) : y + 2];
      assert.deepEqual(pixel(moved, x, y), pixel(picture, fromX, fromY), `${x}, ${y}`);
    }
});

test('fractions of a pixel and zooms show what a finer picture would', () => {
  const side = 48;
  const middle = (side - 1) / 2;
  const picture = waves(side, (x, y) => [x, y]);
  for (const { right, down, zoom } of [
    { right: 0.5, down: -0.25, zoom: 1 },
    { right: 0, down: 0, zoom: 1.07 },
    { right: -2.3, down: 1.5, zoom: 1 / 1.05 },
  ]) {
    const { picture: moved, inside } = movedPicture(picture, { right, down, zoom });
    const wanted = waves(side, (x, y) => [
      middle + (x - middle - right) / zoom,
      middle + (y - middle - down) / zoom,
    ]);
    // Three lobes reach over the border, where values are mirrored; rounding is 1.
    const off = largestDifference(moved, wanted, inside, 6);
    assert.ok(off <= 2, `${right} ${down} ${zoom}: ${off}`);
  }
});

test('fine detail survives half a pixel, where a bilinear reading would halve it', () => {
  // A wave of 3 px in length: bilinear leaves cos(π/3) = 0.5 of it.
  const side = 48;
  const stripes = (shift: number): Picture => {
    const pixels = new Uint8Array(side * side * 3);
    for (let i = 0; i < side * side; i++) {
      const value = 128 + 80 * Math.sin(((2 * Math.PI) / 3) * ((i % side) - shift));
      pixels.fill(Math.round(value), 3 * i, 3 * i + 3);
    }
    return { pixels, width: side, height: side };
  };
  const { picture, inside } = movedPicture(stripes(0), { right: 0.5, down: 0, zoom: 1 });
  const off = largestDifference(picture, stripes(0.5), inside, 6);
  assert.ok(off < 8, `${off} of 80`);
});

test('the matrix does what the picture shows, and every row of it sums to 1', () => {
  const size = 30;
  const taps = motionTaps(size, 1.3, 0.93);
  const matrix = motionMatrix(taps);
  const row = drawnPicture(size, 1, 2);
  const { picture } = movedPicture({ ...drawnPicture(size, 2, 2) }, { right: 1.3, down: 0, zoom: 1 });
  assert.equal(picture.width, size);
  for (let i = 0; i < size; i++) {
    const weights = matrix.subarray(i * size, (i + 1) * size);
    assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-6);
    const byMatrix = weights.reduce((sum, weight, j) => sum + weight * row.pixels[3 * j]!, 0);
    let byTaps = 0;
    for (let k = i * taps.count; k < (i + 1) * taps.count; k++)
      byTaps += taps.weights[k]! * row.pixels[3 * taps.places[k]!]!;
    assert.ok(Math.abs(byMatrix - byTaps) < 1e-3);
    const source = (size - 1) / 2 + (i - (size - 1) / 2 - 1.3) / 0.93;
    assert.equal(taps.inside[i], source >= 0 && source <= size - 1 ? 1 : 0);
  }
});
