import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import type { Evaluate } from '../../src/optimize/evaluation.ts';
import { Lbfgs, type LbfgsOptions } from '../../src/optimize/lbfgs.ts';
import { LbfgsMemory } from '../../src/optimize/lbfgs-memory.ts';
import { networkFor } from '../../src/optimize/network.ts';
import { Objective } from '../../src/optimize/objective.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { array, CASES, picture, reached, referenceWeights } from './reference.ts';
import { counted, quadratic, rosenbrock } from './test-functions.ts';

/** Steps until it stops or has evaluated so often. */
function run(evaluate: Evaluate, start: Float32Array, evaluations: number, options: LbfgsOptions = {}) {
  const minimizer = new Lbfgs(evaluate, start, options);
  let [used, iterations, undone] = [1, 0, 0];
  for (;;) {
    const step = minimizer.step();
    used += step.evaluations;
    undone += step.undone;
    if (step.stopped !== undefined || used >= evaluations)
      return { minimizer, iterations, undone, stopped: step.stopped };
    iterations++;
  }
}

const far = () => Float32Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? -1.2 : 1));

test('the direction is the one of the dense BFGS matrix', () => {
  const memory = new LbfgsMemory(3);
  const pairs = [
    [
      [1, 0.5, -0.2],
      [2, 0.4, 0.1],
    ],
    [
      [0.3, -1, 0.4],
      [0.2, -3, 0.5],
    ],
    [
      [-0.1, 0.2, 2],
      [0.3, -0.1, 1.5],
    ],
  ] as const;
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  for (const [s, y] of pairs) assert.equal(memory.remember(Float32Array.from(s), Float32Array.from(y)), true);
  // H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ (Nocedal & Wright 2006, eq. 6.17), from γI.
  const [, , [s0, y0]] = pairs;
  const gamma = dot(s0, y0) / dot(y0, y0);
  const apply = (level: number, v: readonly number[]): number[] => {
    if (level < 0) return v.map((x) => gamma * x);
    const [s, y] = pairs[level]!;
    const rho = 1 / dot(s, y);
    const inner = apply(
      level - 1,
      v.map((x, i) => x - rho * dot(s, v) * y[i]!),
    );
    return inner.map((x, i) => x - rho * dot(y, inner) * s[i]! + rho * dot(s, v) * s[i]!);
  };
  const g = [0.7, -0.3, 1.1];
  expectTensorClose(
    memory.direction(Float32Array.from(g)),
    apply(2, g).map((x) => -x),
  );
});

test('pairs without positive curvature are refused, old ones make room', () => {
  const memory = new LbfgsMemory(2);
  assert.equal(memory.remember(Float32Array.of(1, 0), Float32Array.of(-1, 0)), false);
  assert.equal(memory.remember(Float32Array.of(1, 0), Float32Array.of(0, 1)), false);
  assert.equal(memory.remember(Float32Array.of(1, 0), Float32Array.of(Number.NaN, 1)), false);
  for (let i = 0; i < 3; i++)
    assert.equal(memory.remember(Float32Array.of(1, i), Float32Array.of(1, i)), true);
  assert.equal(memory.length, 2);
});

test("Rosenbrock's valley, in fewer evaluations than torch's and SciPy's", () => {
  const { evaluate, seen } = rosenbrock();
  const { minimizer, iterations } = run(evaluate, far(), 60);
  expectTensorClose(minimizer.point, new Float32Array(100).fill(1), { absolute: 1e-3 });
  assert.ok(iterations <= 45, `${iterations} iterations`);
  for (const budget of ['20', '30', '40'])
    for (const peer of ['torch', 'scipy'] as const) {
      const ours = Math.min(...seen.slice(0, Number(budget)));
      assert.ok(ours <= reached.rosenbrock![peer][budget]!, `${peer}, ${budget}: ${ours}`);
    }
});

test('a quadratic of n curvatures ends in about n iterations, by the gradient', () => {
  const centre = [1, -2, 3, 0.5];
  const { evaluate } = quadratic([1, 10, 100, 4], centre);
  const { minimizer, iterations } = run(evaluate, new Float32Array(4), 60);
  expectTensorClose(minimizer.point, centre, { absolute: 1e-4 });
  assert.ok(iterations <= 20, `${iterations} iterations`);
});

test('bounds hold everywhere, and the minimum is on them where it should be', () => {
  const within: Evaluate<null> = (point) => {
    for (const value of point) assert.ok(value >= 0 && value <= 255, `${value}`);
    return inner.evaluate(point);
  };
  // The third coordinate's minimum is inside, the others' outside.
  const inner = quadratic([1, 20, 5], [-50, 400, 77]);
  const { minimizer, stopped } = run(within, Float32Array.of(-3, 200, 300), 80, {
    bounds: { lower: 0, upper: 255 },
  });
  expectTensorClose(minimizer.point, [0, 255, 77], { absolute: 1e-3 });
  assert.equal(stopped, 'gradient');
});

test('where nothing is lower it restarts, then reports that the line search failed', () => {
  // A gradient that lies: the value rises whichever way it points.
  const { evaluate } = counted((x, gradient) => {
    gradient.fill(1);
    return Math.abs(x[0]!) + Math.abs(x[1]!);
  });
  const { stopped, minimizer } = run(evaluate, new Float32Array(2), 200);
  assert.equal(stopped, 'line-search');
  expectTensorClose(minimizer.point, [0, 0]);
});

test('values that are not finite, and spikes, are undone', () => {
  const { evaluate } = counted((x, gradient) => {
    const away = x[0]! - 5;
    gradient[0] = 2 * away;
    if (x[0]! > 6) return Number.NaN;
    return x[0]! > 5.5 ? 1e9 : away * away;
  });
  const { minimizer, undone } = run(evaluate, Float32Array.of(0), 60, { firstChange: 100, spikeFactor: 10 });
  assert.ok(undone > 0);
  expectTensorClose(minimizer.point, [5], { absolute: 1e-3 });
});

test('a start that is not finite is reported as such', () => {
  const { evaluate } = counted(() => Number.NaN);
  assert.equal(run(evaluate, new Float32Array(2), 10).stopped, 'not-finite');
});

test('the memory carries over to another grid', () => {
  // The same smooth problem on 8 and on 16 points: a chain of springs.
  const chain = (n: number) =>
    counted((x, gradient) => {
      let value = 0;
      for (let i = 0; i < n; i++) {
        const here = x[i]! - Math.sin((i + 0.5) / n);
        value += (here * here) / n;
        gradient[i] = gradient[i]! + (2 * here) / n;
        if (i === 0) continue;
        const bend = (x[i]! - x[i - 1]!) * n;
        value += (0.1 * bend * bend) / n;
        gradient[i] = gradient[i]! + 0.2 * bend;
        gradient[i - 1] = gradient[i - 1]! - 0.2 * bend;
      }
      return value;
    });
  const coarse = run(chain(8).evaluate, new Float32Array(8), 30).minimizer;
  const twice = (values: Float32Array) => Float32Array.from({ length: 16 }, (_, i) => values[i >> 1]!);
  const fine = chain(16);
  const warm = coarse.rescaled(fine.evaluate, twice(coarse.point), twice);
  const before = warm.evaluation.value;
  assert.ok(warm.step().evaluation.value < before);
});

test('on pictures it reaches at most the objective of torch.optim.LBFGS and SciPy', async () => {
  const ratios: Record<'torch' | 'scipy', number[]> = { torch: [], scipy: [] };
  for (const [name, peers] of Object.entries(reached)) {
    const found = CASES[name];
    if (found === undefined) continue;
    const { config, kind, input, painting } = found;
    const network = networkFor(referenceWeights(kind, input), config);
    const [content, style] = [picture('photo'), picture(painting)];
    const objective = await Objective.create(config, {
      lossNetwork: network,
      content,
      styles: [{ picture: style, weight: 1 }],
    });
    const seen: number[] = [];
    const evaluate: Evaluate = (point) => {
      const evaluation = objective.evaluate(point);
      seen.push(evaluation.value);
      return evaluation;
    };
    run(evaluate, array('pictures/shown').values, 125, { firstChange: 8 });
    for (const peer of ['torch', 'scipy'] as const)
      for (const [budget, theirs] of Object.entries(peers[peer]))
        ratios[peer].push(Math.min(...seen.slice(0, Number(budget))) / theirs);
    objective.dispose();
    network.dispose();
    tf.dispose([content, style]);
  }
  // Which of two good optimisers is ahead at one moment of one problem is chance; over all problems and moments it is not.
  for (const [peer, all] of Object.entries(ratios)) {
    assert.equal(all.length, 16);
    const mean = Math.exp(all.reduce((sum, ratio) => sum + Math.log(ratio), 0) / all.length);
    assert.ok(mean <= 1, `${peer}: ${mean}`);
    assert.ok(Math.max(...all) < 1.3, `${peer}: ${all}`);
  }
});
