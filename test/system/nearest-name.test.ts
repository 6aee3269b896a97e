import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearestName } from '../../src/system/nearest-name.ts';

test('the edit distance is that of the textbooks', () => {
  for (const [from, to, distance] of [
    ['kitten', 'sitting', 3],
    ['sunday', 'saturday', 3],
    ['style', 'stlye', 1],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['ca', 'abc', 3], // of optimal string alignments; 2 where a swapped pair may be parted
  ] as const) {
    assert.equal(editDistance(from, to), distance, `${from}, ${to}`);
    assert.equal(editDistance(to, from), distance, `${to}, ${from}`);
  }
});

test('only near names are suggested', () => {
  const names = ['style', 'style-size', 'strength', 'steps', 'out', 'name'];
  assert.equal(nearestName('stlye', names), 'style');
  assert.equal(nearestName('Styl', names), 'style');
  assert.equal(nearestName('stylesize', names), 'style-size');
  assert.equal(nearestName('strenght', names), 'strength');
  assert.equal(nearestName('uot', names), 'out');
  for (const far of ['blur', 'x', '', 'gpu', 'y'.repeat(10_000)])
    assert.equal(nearestName(far, names), undefined);
});
