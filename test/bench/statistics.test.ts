import assert from 'node:assert/strict';
import test from 'node:test';
import { largestDifference, median, psnr } from '../../bench/statistics.ts';

test('the median is the middle value in any order', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 9, 1, 2]), 5.5);
  assert.equal(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
  const values = [3, 1, 2];
  median(values);
  assert.deepEqual(values, [3, 1, 2], 'the list stays as it is');
});

test('differences: the largest, and neither NaN nor another length hides one', () => {
  const a = Float32Array.of(1, 2, 3);
  assert.equal(largestDifference(a, a), 0);
  assert.equal(largestDifference(a, Float32Array.of(1, 4, 2)), 2);
  assert.equal(largestDifference(a, Float32Array.of(1, Number.NaN, 3)), Number.POSITIVE_INFINITY);
  assert.equal(largestDifference(a, Float32Array.of(Number.NaN, 2, 9)), Number.POSITIVE_INFINITY);
  assert.equal(largestDifference(a, Float32Array.of(1, 2)), Number.POSITIVE_INFINITY);
});

test('PSNR by its definition', () => {
  const black = new Float32Array(100);
  assert.equal(psnr(black, new Float32Array(100).fill(255), 255), 0);
  assert.ok(Math.abs(psnr(black, new Float32Array(100).fill(2.55), 255) - 40) < 1e-4);
  assert.equal(psnr(black, black, 255), Number.POSITIVE_INFINITY);
  assert.equal(psnr(black, new Float32Array(100).fill(Number.NaN), 255), Number.NEGATIVE_INFINITY);
});
