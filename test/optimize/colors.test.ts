import assert from 'node:assert/strict';
import test from 'node:test';
import { colorStatistics, symmetricPower, transferColors } from '../../src/data/color-transfer.ts';
import { luminanceOf, matchedLuminance, meanAndDeviation, withLuminance } from '../../src/data/luminance.ts';
import { random } from '../../src/data/random.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';

function colored(count: number, seed: number, [r, g, b]: readonly number[]): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: 3 * count }, (_, i) => 40 + 150 * next() * [r!, g!, b!][i % 3]!);
}
const photo = colored(500, 1, [1, 0.6, 0.2]);
const painting = colored(700, 2, [0.1, 0.5, 1.2]);

test("a painting takes the photo's mean and covariance of colours", () => {
  const [moved, wanted] = [colorStatistics(transferColors(painting, photo)), colorStatistics(photo)];
  expectTensorClose(moved.mean, wanted.mean, { relative: 1e-4 });
  expectTensorClose(moved.covariance.flat(), wanted.covariance.flat(), { absolute: 0.05, relative: 1e-3 });
});

test('its own colours stay what they are', () => {
  expectTensorClose(transferColors(painting, painting), painting, { absolute: 1e-2 });
});

test('a grey painting or a photo of one colour gives finite pixels', () => {
  const grey = Float32Array.from({ length: 300 }, (_, i) => 2 * Math.floor(i / 3));
  const flat = new Float32Array(300).fill(90);
  for (const result of [
    transferColors(grey, photo),
    transferColors(painting, flat),
    transferColors(flat, photo),
  ])
    assert.ok(result.every((value) => Math.abs(value) < 2000));
});

test('powers of a symmetric matrix multiply', () => {
  const matrix = [
    [900, 300, -200],
    [300, 500, 60],
    [-200, 60, 400],
  ];
  const root = symmetricPower(matrix, 0.5);
  const squared = root.map((row) =>
    [0, 1, 2].map((j) => row.reduce((sum, x, k) => sum + x * root[k]![j]!, 0)),
  );
  expectTensorClose(squared.flat(), matrix.flat(), { absolute: 1e-6 });
});

test('another luminance leaves I and Q of YIQ as they are', () => {
  const luminance = luminanceOf(photo).map((y) => 0.5 * y + 30);
  const result = withLuminance(photo, luminance);
  expectTensorClose(luminanceOf(result), luminance, { absolute: 1e-3 });
  // Rows of the YIQ matrix (FCC 1953).
  for (const [r, g, b] of [
    [0.5959, -0.2746, -0.3213],
    [0.2115, -0.5227, 0.3112],
  ] as const) {
    const chroma = (rgb: Float32Array) =>
      Array.from(
        { length: rgb.length / 3 },
        (_, i) => r * rgb[3 * i]! + g * rgb[3 * i + 1]! + b * rgb[3 * i + 2]!,
      );
    expectTensorClose(chroma(result), chroma(photo), { absolute: 0.02 });
  }
});

test("a painting's luminance takes the photo's mean and spread", () => {
  const [from, to] = [luminanceOf(painting), luminanceOf(photo)];
  const moved = meanAndDeviation(matchedLuminance(from, to));
  const wanted = meanAndDeviation(to);
  expectTensorClose([moved.mean, moved.deviation], [wanted.mean, wanted.deviation], { relative: 1e-4 });
  assert.ok(matchedLuminance(new Float32Array(9).fill(4), to).every(Number.isFinite));
});
