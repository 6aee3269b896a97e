import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../../src/engine/tensorflow.ts';
import { type AdamState, adamStep, initialAdamState } from '../../../src/train/step/adam.ts';
import { averagingShareAt, learningRateAt } from '../../../src/train/step/schedule.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Kingma & Ba 2015, algorithm 1 in the order of §2's last paragraph (which moves ε a little), in plain float64. */
function adamByHand(
  weights: number[],
  gradientsOfSteps: readonly number[][],
  rates: readonly number[],
): number[] {
  const [b1, b2, epsilon] = [0.9, 0.999, 1e-8];
  const m = weights.map(() => 0);
  const v = weights.map(() => 0);
  const w = [...weights];
  gradientsOfSteps.forEach((gradients, i) => {
    const t = i + 1;
    gradients.forEach((g, j) => {
      m[j] = b1 * m[j]! + (1 - b1) * g;
      v[j] = b2 * v[j]! + (1 - b2) * g * g;
      const rate = (rates[i]! * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t);
      w[j]! -= (rate * m[j]!) / (Math.sqrt(v[j]!) + epsilon);
    });
  });
  return w;
}

const steps = [
  [0.5, -2, 1e-3],
  [0.1, 3, -1e-3],
  [-0.7, 0, 5],
  [0.2, -1, 0.4],
  [1, 1, 1],
];
const rates = [0.1, 0.05, 0.2, 0.01, 0.1];

test('five steps agree with the algorithm written out in plain numbers', async () => {
  const start = [1, -0.5, 0.25];
  await expectNoLeak(() => {
    // Two parameters of other shapes: they must not get mixed up.
    let parameters: Tensors = { row: tf.tensor1d(start), table: tf.tensor2d([start], [1, 3]) };
    let state: AdamState = initialAdamState(parameters);
    steps.forEach((gradients, i) => {
      const next = tf.tidy(() =>
        adamStep(
          parameters,
          { row: tf.tensor1d(gradients), table: tf.tensor2d([gradients.map((g) => -g)], [1, 3]) },
          state,
          tf.scalar(rates[i]!),
        ),
      );
      tf.dispose([parameters, state]);
      ({ parameters, state } = next);
    });
    expectTensorClose(parameters.row!, adamByHand(start, steps, rates), { absolute: 1e-5 });
    const negative = steps.map((gradients) => gradients.map((g) => -g));
    expectTensorClose(parameters.table!, adamByHand(start, negative, rates), { absolute: 1e-5 });
    expectTensorClose(state.beta1Power, [0.9 ** 5]);
    expectTensorClose(state.beta2Power, [0.999 ** 5]);
    tf.dispose([parameters, state]);
  });
});

test('the first step is as long as the learning rate, for any gradient', () => {
  tf.tidy(() => {
    const parameters = { w: tf.tensor1d([0, 0]) };
    const { parameters: next } = adamStep(
      parameters,
      { w: tf.tensor1d([1e-3, -1e3]) },
      initialAdamState(parameters),
      tf.scalar(0.01),
    );
    expectTensorClose(next.w!, [-0.01, 0.01], { absolute: 1e-5 });
  });
});

test('the learning rate rises over the warm-up, then falls as chosen', () => {
  const config = { learningRate: 2, warmup: 4, steps: 100 };
  const at = (step: number, decay: 'none' | 'cosine' | 'step') => learningRateAt(step, { ...config, decay });
  for (const decay of ['none', 'cosine', 'step'] as const)
    assert.deepEqual(
      [0, 1, 2, 3].map((step) => at(step, decay)),
      [0.5, 1, 1.5, 2],
    );
  assert.deepEqual(
    [4, 99, 1000].map((step) => at(step, 'none')),
    [2, 2, 2],
  );
  assert.deepEqual(
    [69, 70, 99].map((step) => at(step, 'step')),
    [2, 0.4, 0.4],
  );
  assert.ok(Math.abs(at(50, 'cosine') - 2 * (0.01 + 0.99 / 2)) < 1e-12);
  assert.ok(Math.abs(at(100, 'cosine') - 0.02) < 1e-12);
  assert.ok(Math.abs(at(500, 'cosine') - 0.02) < 1e-12, 'beyond the end it stays');
  for (let step = 4; step < 99; step++) assert.ok(at(step + 1, 'cosine') < at(step, 'cosine'));
  assert.equal(learningRateAt(0, { ...config, warmup: 0, decay: 'none' }), 2);
});

test('the running average forgets the first weights soon, and then keeps the given share', () => {
  assert.ok(Math.abs(averagingShareAt(0, 0.99) - 0.9) < 1e-12);
  assert.ok(Math.abs(averagingShareAt(10, 0.99) - 9 / 20) < 1e-12);
  assert.ok(Math.abs(averagingShareAt(1e6, 0.99) - 0.01) < 1e-9);
  for (const step of [0, 5, 1e6])
    assert.equal(averagingShareAt(step, 0), 1, 'no averaging: the newest alone');
});
