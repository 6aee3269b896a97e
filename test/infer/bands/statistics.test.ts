import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../../src/data/random.ts';
import { ImageStatistics } from '../../../src/infer/bands/image-statistics.ts';

test('statistics merged from bands of any length are those of the whole, far from zero too', () => {
  const next = random(3);
  const values = Array.from({ length: 1000 }, () => 1e4 + next());
  const moments = (some: readonly number[]) => {
    const mean = some.reduce((sum, value) => sum + value, 0) / some.length;
    const squares = some.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, squares };
  };
  const statistics = new ImageStatistics(1);
  for (let at = 0, length = 1; at < values.length; at += length, length = 1 + ((length * 7) % 90)) {
    const some = values.slice(at, at + length);
    const { mean, squares } = moments(some);
    statistics.add(some.length, [mean], [squares / Math.max(1, some.length - 1)]);
  }
  const { mean, squares } = moments(values);
  assert.equal(statistics.mean[0], Math.fround(mean));
  assert.ok(Math.abs(statistics.variance[0]! / (squares / values.length) - 1) < 1e-6);
});
