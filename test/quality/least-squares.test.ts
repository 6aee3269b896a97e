import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import { explainedBy } from '../../src/quality/structure.ts';

const next = random(11);
const series = () => Float64Array.from({ length: 40 }, () => next() - 0.3);
const sumOfSquares = (values: Float64Array) => values.reduce((sum, value) => sum + value ** 2, 0);

test('a mixture of the others is explained entirely, and an orthogonal series not at all', () => {
  const [a, b] = [series(), series()];
  const mixture = a.map((value, i) => 3 * value - 0.5 * b[i]!);
  const whole = explainedBy([a, b], [mixture]);
  assert.ok(Math.abs(whole.explained / whole.all - 1) < 1e-12);
  const [x, y] = [Float64Array.of(1, 2, 0, 0), Float64Array.of(0, 0, 5, -1)];
  assert.deepEqual(explainedBy([x], [y]), { explained: 0, all: 26 });
});

test('no weights leave a smaller residual', () => {
  const [a, b, target] = [series(), series(), series()];
  const { explained, all } = explainedBy([a, b], [target]);
  const left = (u: number, v: number) =>
    sumOfSquares(target.map((value, i) => value - u * a[i]! - v * b[i]!));
  let least = Number.POSITIVE_INFINITY;
  for (let u = -1; u <= 1; u += 0.01) for (let v = -1; v <= 1; v += 0.01) least = Math.min(least, left(u, v));
  assert.ok(
    least >= all - explained - 1e-9 && least < all - explained + 0.01,
    `${least}, ${all - explained}`,
  );
});

test('series that depend on one another, and empty ones, add nothing', () => {
  const [a, target] = [series(), series()];
  const alone = explainedBy([a], [target]);
  const again = explainedBy([a, a.map((value) => 2 * value), new Float64Array(40)], [target]);
  assert.ok(Math.abs(alone.explained - again.explained) < 1e-9);
  assert.equal(explainedBy([new Float64Array(40)], [target]).explained, 0);
});
