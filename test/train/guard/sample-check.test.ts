import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeSample, spreadOf } from '../../../src/train/guard/sample-check.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

const painting = spreadOf(drawnPicture(60, 50, 3));

function filled(at: (i: number) => number) {
  return { pixels: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => at(i)), width: 40, height: 30 };
}

test('a picture of something passes', () => {
  assert.equal(judgeSample(drawnPicture(40, 30, 8), painting), undefined);
  // Grey, but with a drawing in it, as samples are in the first steps.
  assert.equal(
    judgeSample(
      filled((i) => 120 + 5 * Math.sin(i)),
      painting,
    ),
    undefined,
  );
});

test('blank, of one colour and saturated are distinguished', () => {
  const cases: readonly (readonly [(i: number) => number, RegExp])[] = [
    [() => 255, /blank \(RGB 255, 255, 255 all over\)/],
    [() => 0, /blank \(RGB 0, 0, 0/],
    [(i) => 128 + (i % 2), /blank/],
    [(i) => [200, 30, 40][i % 3]!, /in a single colour \(RGB 200, 30, 40/],
    [(i) => (i % 7 < 3 ? 255 : 0), /saturated \(100 % of its values/],
    [(i) => (i % 10 < 6 ? 254 : 90), /saturated \(60 %/],
  ];
  for (const [at, message] of cases) assert.match(judgeSample(filled(at), painting) ?? 'passed', message);
});

test('a painting that is flat or black and white excuses its style', () => {
  assert.equal(
    judgeSample(
      filled(() => 255),
      spreadOf(filled(() => 255)),
    ),
    undefined,
  );
  const woodcut = spreadOf(filled((i) => (i % 6 < 3 ? 255 : 0)));
  assert.equal(
    judgeSample(
      filled((i) => (i % 10 < 8 ? 0 : 140)),
      woodcut,
    ),
    undefined,
  );
});
