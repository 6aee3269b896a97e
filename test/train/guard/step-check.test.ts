import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../../src/data/random.ts';
import {
  isSpike,
  leapBetweenPhases,
  median,
  notFinite,
  spikeIn,
} from '../../../src/train/guard/step-check.ts';

const losses = { total: 3, content: 1, style: 0.5, tv: 20, lattice: 1 };
const health = { gradientNorm: 2, weightNorm: 40 };

test('a number that is not finite is named, wherever it is', () => {
  assert.equal(notFinite(losses, health), undefined);
  assert.match(notFinite({ ...losses, style: Number.NaN }, health)!, /loss is not finite .*style NaN/);
  assert.match(notFinite(losses, { ...health, gradientNorm: Number.POSITIVE_INFINITY })!, /gradient/);
  assert.match(notFinite(losses, { ...health, weightNorm: Number.NaN })!, /weights/);
});

/** Totals of an ordinary run: falling, with the noise of small batches. */
function ordinary(count: number): number[] {
  const next = random(5);
  return Array.from({ length: count }, (_, i) => (2 + 6 * Math.exp(-i / 30)) * (0.6 + 0.8 * next()));
}

test('the noise of an ordinary run is no spike, from its first step on', () => {
  const totals = ordinary(2000);
  totals.forEach((_, i) => {
    assert.equal(spikeIn(totals.slice(Math.max(0, i - 50), i + 1)), undefined, `step ${i}`);
  });
});

test('one odd photo is ignored; a loss that stays high, or a huge one, is not', () => {
  const calm = ordinary(200).slice(150);
  const level = median(calm);
  assert.ok(isSpike(20 * level, calm));
  assert.equal(spikeIn([...calm, 20 * level]), undefined);
  assert.equal(spikeIn([...calm, 20 * level, 21 * level]), undefined);
  assert.equal(spikeIn([...calm, 20 * level, level, 21 * level]), undefined);
  assert.match(spikeIn([...calm, 20 * level, 21 * level, 19 * level])!, /leapt to .*, 19 times its median/);
  assert.match(spikeIn([...calm, 1000 * level])!, /1000 times its median/);
  // Odd photos among the last losses do not move the measure, as they would a mean.
  assert.ok(isSpike(20 * level, [...calm.slice(5), ...calm.slice(0, 5).map((total) => 1e6 * total)]));
});

test('where all losses are alike, a little more is no spike; too few decide nothing', () => {
  assert.equal(isSpike(2, Array(30).fill(1)), false);
  assert.equal(isSpike(4, Array(30).fill(1)), true);
  assert.equal(isSpike(1e9, Array(19).fill(1)), false);
});

test('in the first steps of a phase, a huge loss or one that stays high is a spike, by its own totals or by earlier ones', () => {
  const few = [1, 1.2, 0.9, 1.1, 1];
  assert.equal(spikeIn([...few, 50]), undefined);
  assert.match(spikeIn([...few, 150])!, /leapt to 150, 150 times its median/);
  assert.equal(spikeIn([...few, 20, 22]), undefined);
  assert.match(spikeIn([...few, 20, 22, 30])!, /leapt to 30.0, 30 times its median/);
  // Larger crops have other losses, but not a hundred times as large.
  const earlier = [0.6, 0.7, 0.5, 0.6];
  assert.equal(leapBetweenPhases({ content: 4, style: 6 }, 1, earlier), undefined);
  assert.match(leapBetweenPhases({ content: 4, style: 66 }, 1, earlier)!, /117 times its median/);
  assert.equal(leapBetweenPhases({ content: 4, style: 66 }, 4, earlier), undefined, 'it has its own by then');
  assert.equal(leapBetweenPhases({ content: 4, style: 66 }, 1, []), undefined);
  // Without anything before there is no telling.
  assert.equal(spikeIn([1e9]), undefined);
  assert.equal(spikeIn([]), undefined);
});
