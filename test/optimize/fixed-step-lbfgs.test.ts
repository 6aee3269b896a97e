/** Steps of fixed length, against the very iterates of torch.optim.LBFGS (fixtures/make-fixed-steps.py, float64). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import type { Evaluate } from '../../src/optimize/evaluation.ts';
import { FixedStepLbfgs, type FixedStepLbfgsOptions } from '../../src/optimize/fixed-step-lbfgs.ts';
import { makeMinimizer } from '../../src/optimize/make-minimizer.ts';
import { networkFor } from '../../src/optimize/network.ts';
import { Objective } from '../../src/optimize/objective.ts';
import { relativeDistance } from '../helpers/tensor-close.ts';
import { array, CASES, picture, referenceWeights } from './reference.ts';
import { counted, quadratic } from './test-functions.ts';

interface Walk {
  readonly points: readonly (readonly number[])[];
  readonly values: readonly number[];
}
const fixture = JSON.parse(readFileSync(new URL('fixtures/fixed-steps.json', import.meta.url), 'utf8')) as {
  readonly centre: readonly number[];
  readonly curvatures: readonly number[];
  readonly cases: Readonly<Record<string, Walk>>;
  readonly picture: { readonly values: readonly number[] };
};

/** make-fixed-steps.py's, times a factor. */
const bowl = (factor: number) =>
  counted((x, gradient) => {
    let value = 0;
    fixture.curvatures.forEach((h, i) => {
      const away = x[i]! - fixture.centre[i]!;
      value += factor * (0.5 * h * away ** 2 + 0.1 * away ** 4);
      gradient[i] = factor * (h * away + 0.4 * away ** 3);
    });
    return value;
  });

const cases: Readonly<Record<string, FixedStepLbfgsOptions & { readonly factor?: number }>> = {
  plain: {},
  short: { history: 2 },
  bounded: { bounds: { lower: 0, upper: 1 } },
  // The program's loss is a thousandth of ours, its numbers are 255 times smaller.
  units: { unit: 255, lossScale: 1e-3 },
  // A faint objective is given up with its own units, not with ours: scaled by a million it is the same as 'plain'.
  faint: { factor: 1e-6 },
};

for (const [name, { factor = 1, ...options }] of Object.entries(cases))
  test(`${name}: the iterates are torch's`, () => {
    const { points } = fixture.cases[name]!;
    const minimizer = new FixedStepLbfgs(bowl(factor).evaluate, Float32Array.from(points[0]!), options);
    let last = 0;
    for (const [i, point] of points.entries()) {
      if (i > 0) assert.deepEqual([minimizer.step().evaluations, i], [1, i]);
      // Float32 against float64: rounding grows from step to step, and near the end there is little else.
      const far = relativeDistance(Float32Array.from(minimizer.point), Float32Array.from(point));
      assert.ok(far < 2e-3, `point ${i}: ${far}`);
      last = far;
    }
    assert.ok(last < 2e-3);
  });

test('a small objective makes no progress in its own units, and falls with the factor of a program that has larger ones', () => {
  const start = Float32Array.from(fixture.cases.plain!.points[0]!);
  const faint = new FixedStepLbfgs(bowl(1e-6).evaluate, start);
  const scaled = new FixedStepLbfgs(bowl(1e-6).evaluate, start, { lossScale: 1e6 });
  const first = faint.evaluation.value;
  for (let i = 0; i < 12; i++) for (const minimizer of [faint, scaled]) minimizer.step();
  assert.ok(faint.evaluation.value > 0.99 * first, `${faint.evaluation.value}`);
  assert.ok(scaled.evaluation.value < 1e-4 * first, `${scaled.evaluation.value}`);
});

test("on the PyTorch tutorial's objective the recipe's minimiser has torch's values", async () => {
  const { config, kind, input, painting } = CASES.pytorch!;
  const network = networkFor(referenceWeights(kind, input), config);
  const [content, style] = [picture('photo'), picture(painting)];
  const objective = await Objective.create(config, {
    lossNetwork: network,
    content,
    styles: [{ picture: style, weight: 1 }],
  });
  const evaluate: Evaluate = (point) => objective.evaluate(point);
  const minimizer = makeMinimizer(config, evaluate, array('pictures/shown').values);
  const { values } = fixture.picture;
  const seen = [minimizer.evaluation.value];
  while (seen.length < values.length) seen.push(minimizer.step().evaluation.value);
  const far = seen.map((value, i) => Math.abs(value / values[i]! - 1));
  // The first steps are the same; then rounding in float32 leads elsewhere, but not to other heights.
  assert.ok(Math.max(...far.slice(0, 10)) < 5e-3, `${far}`);
  assert.ok(seen.at(-1)! < 2 * values.at(-1)!, `${seen}`);
  // The total rises at torch's tenth point, and at ours: no step is undone.
  assert.ok(seen[9]! > seen[8]!, `${seen}`);
  objective.dispose();
  network.dispose();
  tf.dispose([content, style]);
});

test('it says why it cannot continue, and keeps the last good point', () => {
  const cliff = counted((x, gradient) => {
    gradient[0] = 2;
    return x[0]! < -1 ? Number.NaN : 2 * x[0]!;
  });
  const falling = new FixedStepLbfgs(cliff.evaluate, Float32Array.of(0), { lossScale: 1e-3 });
  let stopped: string | undefined;
  for (let i = 0; i < 1000 && stopped === undefined; i++) stopped = falling.step().stopped;
  assert.equal(stopped, 'not-finite');
  assert.ok(falling.point[0]! >= -1 && Number.isFinite(falling.evaluation.value));
  const flat = new FixedStepLbfgs(quadratic([1], [3]).evaluate, Float32Array.of(3));
  assert.equal(flat.step().stopped, 'gradient');
});

test('a restart forgets the memory and begins with a short step', () => {
  const start = Float32Array.from(fixture.cases.plain!.points[0]!);
  const minimizer = new FixedStepLbfgs(bowl(1).evaluate, start, { restartEvery: 5 });
  const lengths = Array.from({ length: 7 }, () => {
    const before = minimizer.evaluation.gradient;
    const { stepLength } = minimizer.step();
    const sum = before.reduce((total, g) => total + Math.abs(g), 0);
    const size = Math.hypot(...before);
    return stepLength / (Math.min(1, 1 / sum) * size);
  });
  for (const i of [0, 5]) assert.ok(Math.abs(lengths[i]! - 1) < 1e-3, `${lengths}`);
  assert.ok(Math.abs(lengths[1]! - 1) > 0.1, `${lengths}`);
});
