import assert from 'node:assert/strict';
import test from 'node:test';
import { Adam, decayedLearningRate } from '../../src/optimize/adam.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { counted, quadratic } from './test-functions.ts';

const PLAIN = { learningRate: 0.5, decay: 'constant', decayRate: 1, decaySteps: 1, epsilon: 1e-8 } as const;

test('the first steps are those of the algorithm', () => {
  const { evaluate } = quadratic([2, 8], [1, -1]);
  const adam = new Adam(evaluate, Float32Array.of(0, 0), PLAIN);
  const point = [0, 0];
  const [m, v] = [
    [0, 0],
    [0, 0],
  ];
  for (let t = 1; t <= 5; t++) {
    adam.step();
    for (const i of [0, 1]) {
      const g = [2, 8][i]! * (point[i]! - [1, -1][i]!);
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      point[i]! -= (0.5 * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
    }
    expectTensorClose(adam.point, point, { relative: 1e-5 });
  }
});

test('the rate stays, falls by steps, or falls smoothly', () => {
  const rate = { learningRate: 1, decayRate: 0.95, decaySteps: 100 };
  assert.equal(decayedLearningRate(999, { ...rate, decay: 'constant' }), 1);
  assert.equal(decayedLearningRate(99, { ...rate, decay: 'staircase' }), 1);
  assert.ok(Math.abs(decayedLearningRate(100, { ...rate, decay: 'staircase' }) - 0.95) < 1e-12);
  assert.ok(Math.abs(decayedLearningRate(950, { ...rate, decay: 'staircase' }) - 0.95 ** 9) < 1e-12);
  assert.ok(Math.abs(decayedLearningRate(50, { ...rate, decay: 'exponential' }) - 0.95 ** 0.5) < 1e-12);
});

test('it finds a minimum, with a falling rate exactly, and within bounds', () => {
  const { evaluate } = quadratic([1, 30], [40, 300]);
  const options = {
    ...PLAIN,
    learningRate: 8,
    decay: 'exponential',
    decayRate: 0.5,
    decaySteps: 30,
  } as const;
  const adam = new Adam(evaluate, Float32Array.of(0, 0), { ...options, bounds: { lower: 0, upper: 255 } });
  for (let i = 0; i < 400; i++) adam.step();
  expectTensorClose(adam.point, [40, 255], { absolute: 0.05 });
});

test('a step into a spike or a hole is undone and shortened', () => {
  const { evaluate } = counted((x, gradient) => {
    const away = x[0]! - 3;
    gradient[0] = 2 * away;
    if (x[0]! > 4) return Number.NaN;
    return x[0]! > 3.5 ? 1e6 : away * away;
  });
  const adam = new Adam(evaluate, Float32Array.of(0), { ...PLAIN, learningRate: 10, spikeFactor: 10 });
  let undone = 0;
  for (let i = 0; i < 60; i++) {
    const step = adam.step();
    undone += step.undone;
    assert.ok(adam.point[0]! <= 3.5 && Number.isFinite(step.evaluation.value));
  }
  assert.ok(undone > 0);
});

test('where every step is a hole it stays and says so', () => {
  const { evaluate } = counted((x, gradient) => {
    gradient[0] = 1;
    return x[0] === 2 ? 1 : Number.NaN;
  });
  const adam = new Adam(evaluate, Float32Array.of(2), PLAIN);
  assert.equal(adam.step().stopped, 'not-finite');
  expectTensorClose(adam.point, [2]);
});

test('a flat place is reported as one', () => {
  const { evaluate } = quadratic([1], [7]);
  assert.equal(new Adam(evaluate, Float32Array.of(7), PLAIN).step().stopped, 'gradient');
});

test('moments and rate carry over to another grid', () => {
  const coarse = new Adam(quadratic([1, 1], [9, 9]).evaluate, new Float32Array(2), PLAIN);
  for (let i = 0; i < 5; i++) coarse.step();
  const twice = (values: Float32Array) => Float32Array.from({ length: 4 }, (_, i) => values[i >> 1]!);
  const fine = coarse.rescaled(quadratic([1, 1, 1, 1], [9, 9, 9, 9]).evaluate, twice(coarse.point), twice);
  coarse.step();
  fine.step();
  expectTensorClose(fine.point, twice(coarse.point), { relative: 1e-4 });
});
