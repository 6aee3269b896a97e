import assert from 'node:assert/strict';
import test from 'node:test';
import { cubicMinimum, type LinePoint, wolfeSearch } from '../../src/optimize/wolfe-search.ts';

type Line = (t: number) => readonly [value: number, slope: number];

const at =
  (line: Line) =>
  (step: number): LinePoint => {
    const [value, slope] = line(step);
    return { step, value, slope };
  };

/** Lines that line searches fail on (Moré & Thuente 1994, §5), and simple ones. */
const LINES: Readonly<Record<string, Line>> = {
  parabola: (t) => [(t - 3) ** 2, 2 * (t - 3)],
  'a parabola far away': (t) => [(t - 3e4) ** 2 / 1e4, (2 * (t - 3e4)) / 1e4],
  'Moré & Thuente 1': (t) => [-t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2],
  'Moré & Thuente 2': (t) => [
    (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
    5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
  ],
  waves: (t) => [0.1 * Math.sin(8 * t) + (t - 4) ** 2, 0.8 * Math.cos(8 * t) + 2 * (t - 4)],
};

for (const [name, line] of Object.entries(LINES)) {
  for (const first of [1e-3, 0.1, 1, 10, 1e3]) {
    for (const curvature of [0.1, 0.9]) {
      test(`strong Wolfe conditions hold: ${name}, from ${first}, c₂ = ${curvature}`, () => {
        const [value, slope] = line(0);
        const found = wolfeSearch(at(line), { step: 0, value, slope }, first, { curvature, evaluations: 40 });
        const { step, value: low, slope: flat } = found.point!;
        assert.equal(found.satisfied, true);
        assert.ok(low <= value + 1e-4 * step * slope, 'sufficient decrease');
        assert.ok(Math.abs(flat) <= curvature * Math.abs(slope), 'curvature');
      });
    }
  }
}

test('the cubic through two points is the function where that is a cubic', () => {
  // t³ − 3t has its minimum at 1.
  const cubic = at((t) => [t ** 3 - 3 * t, 3 * t * t - 3]);
  for (const [a, b] of [
    [0, 2],
    [2, 0],
    [0.2, 0.7],
  ] as const)
    assert.ok(Math.abs(cubicMinimum(cubic(a), cubic(b)) - 1) < 1e-12);
});

test('a parabola costs two evaluations', () => {
  const { evaluations, point } = wolfeSearch(at(LINES.parabola!), { step: 0, value: 9, slope: -6 }, 100, {
    curvature: 0.1,
  });
  assert.equal(evaluations, 2);
  assert.ok(Math.abs(point!.step - 3) < 1e-9);
});

test('the search turns back from points that are not finite', () => {
  const cliff: Line = (t) => (t > 0.5 ? [Number.NaN, Number.NaN] : [(t - 0.4) ** 2, 2 * (t - 0.4)]);
  const { point, undone, satisfied } = wolfeSearch(at(cliff), { step: 0, value: 0.16, slope: -0.8 }, 10);
  assert.ok(satisfied && undone > 0 && Math.abs(point!.step - 0.4) < 0.36);
});

test('the search turns back from spikes', () => {
  const wall: Line = (t) => (t > 1 ? [1e6, -1] : [(t - 0.9) ** 2, 2 * (t - 0.9)]);
  const { point, undone } = wolfeSearch(at(wall), { step: 0, value: 0.81, slope: -1.8 }, 4, { spike: 100 });
  assert.ok(undone > 0 && point!.step <= 1);
});

test('on a line that only rises nothing is found, and the effort is bounded', () => {
  const { point, evaluations } = wolfeSearch(
    at((t) => [t, 1]),
    { step: 0, value: 0, slope: -1 },
    1,
    { evaluations: 15 },
  );
  assert.equal(point, undefined);
  assert.ok(evaluations <= 15);
});

test('an upward start is refused', () => {
  assert.throws(
    () =>
      wolfeSearch(
        at((t) => [t, 1]),
        { step: 0, value: 0, slope: 1 },
        1,
      ),
    /slope below 0/,
  );
});
