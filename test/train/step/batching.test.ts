/** The step of a whole batch in one graph against the step photo by photo: the same numbers, and no more ops for more photos. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Batching } from '../../../src/engine/batching.ts';
import { flattened } from '../../../src/engine/compile/program.ts';
import { record } from '../../../src/engine/compile/record.ts';
import { listOf } from '../../../src/engine/compile/tensor-record.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import type { Term } from '../../../src/losses/term.ts';
import { parseArchitecture } from '../../../src/networks/architecture.ts';
import { LossNetwork } from '../../../src/networks/loss-network.ts';
import { transformNetParameters } from '../../../src/networks/transform-net-parameters.ts';
import type { TrainConfig } from '../../../src/train/config.ts';
import { targetsOf, weightsOf } from '../../../src/train/step/objective.ts';
import { drawChanges } from '../../../src/train/step/stability-changes.ts';
import type { StyleTarget } from '../../../src/train/step/style-targets.ts';
import { firstState } from '../../../src/train/step/train-state.ts';
import { makeTrainStep, type StepInputs, stepForm } from '../../../src/train/step/train-step.ts';
import type { NetworkTrainerOptions } from '../../../src/train/trainer.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { relativeDistance } from '../../helpers/tensor-close.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';
import { config, deeper, lossNetwork, painting, run, trainer } from '../tiny-trainer.ts';

const BOTH: readonly Batching[] = ['per-photo', 'whole-batch'];
const CLOSE = 1e-5;
const side = 32;

/** The same photos for ever, as many as asked for. */
const photosOf = (count: number) =>
  async function* (): ReturnType<NetworkTrainerOptions['openBatches']> {
    const { pixels } = drawnPicture(side, side * count, 5);
    for (let index = count; ; index += count)
      yield { pixels, size: side, count, position: { epoch: 0, index } };
  };

const allNumbers = (losses: object): number[] =>
  Object.values(losses).flatMap((value) => (typeof value === 'number' ? value : allNumbers(value)));

/** A term of one's own that looks at layers, and knows one picture at a time. */
const own: Term = {
  name: 'own',
  weight: 3,
  layers: { relu1_1: 2 },
  value: (_picture, { relu1_1 }) => ({ relu1_1: tf.tidy(() => tf.mean(tf.square(relu1_1!)) as tf.Scalar) }),
};

const styles: readonly StyleTarget[] = [
  { name: 'first', painting, styleWeight: 4 },
  { name: 'second', painting: drawnPicture(40, 56, 78), styleWeight: 1 },
];

type Options = Partial<Omit<NetworkTrainerOptions, 'config'>>;

/** Ten steps: the gradients of the first (Adam's first moments after it are a tenth of them), and all losses and norms. */
async function tenSteps(batching: Batching, settings: Partial<TrainConfig>, options: Options = {}) {
  const all = { ...config, ...settings, steps: 10 };
  const living = await trainer({ openBatches: photosOf(all.batch), ...options, config: all, batching });
  const first = await run(living, 1);
  const state = living.runState();
  const gradients = state.tensors.filter(({ name }) => name.startsWith('adam.first/'));
  // What a step makes and does not answer is gone.
  const rest = await expectNoLeak(() => run(living));
  living.dispose();
  const progress = [...first, ...rest];
  return { gradients, names: state.tensors.map(({ name }) => name), progress };
}

const norm = (values: readonly number[]) => Math.hypot(...values);

async function expectSameTraining(settings: Partial<TrainConfig>, options?: Options): Promise<void> {
  const made = [];
  for (const batching of BOTH) made.push(await expectNoLeak(() => tenSteps(batching, settings, options)));
  const [each, whole] = made as [(typeof made)[0], (typeof made)[0]];
  assert.deepEqual(whole.names, each.names, 'a state is the same in either form');
  const [found, wanted] = [whole, each].map((of) => of.gradients.flatMap(({ values }) => [...values]));
  const apart = norm(found!.map((value, i) => value - wanted![i]!)) / norm(wanted!);
  assert.ok(apart < CLOSE, `gradients: ${apart}`);
  whole.progress.forEach(({ losses, health }, i) => {
    const wanted = each.progress[i]!;
    const numbers = allNumbers(losses);
    allNumbers(wanted.losses).forEach((value, j) => {
      const apart = Math.abs(numbers[j]! - value) / Math.max(Math.abs(value), 1e-3);
      assert.ok(apart < CLOSE, `step ${i + 1}, loss ${j}: ${numbers[j]} for ${value}`);
    });
    assert.deepEqual(Object.keys(losses), Object.keys(wanted.losses));
    const norms = [wanted.health.gradientNorm, wanted.health.weightNorm];
    assert.ok(relativeDistance([health.gradientNorm, health.weightNorm], norms) < CLOSE, `step ${i + 1}`);
  });
}

const steady = { stabilityWeight: 10, stabilityFrom: 0 } as const;
test('a batch of 4: losses, gradients and ten steps are those of photo by photo', () =>
  expectSameTraining({ ...deeper, batch: 4, architecture: 'c3s1-4,d6,R6,u4,c3s1-3' }));

test('moments, average pooling and stability, a batch of 3: the same', () =>
  expectSameTraining({ ...steady, batch: 3, styleStatistic: 'moments', pooling: 'average' }));

test('a batch of 1: the same', () => expectSameTraining({ ...steady, batch: 1 }, { engine: 'eager' }));

test("several styles, published units, a term of one's own, in parts, gradients clipped: the same", () =>
  expectSameTraining(
    {
      ...{ batch: 4, clipNorm: 0.1, units: 'johnson' },
      styleWeight: 1e-3,
      contentWeight: 1e-3,
      tvWeight: 1e-6,
    },
    { painting: styles, accumulate: 2, terms: [own] },
  ));

test('a run goes on in the other form, and is evaluated alike', async () => {
  const options = { config: { ...config, steps: 4 }, evaluates: true, engine: 'eager' as const };
  const first = await trainer({ ...options, batching: 'per-photo' });
  await run(first, 2);
  const resume = first.runState();
  const going = await Promise.all(BOTH.map((batching) => trainer({ ...options, batching, resume })));
  const { pixels } = drawnPicture(32, 64, 9);
  const found = going.map((one) => one.evaluate({ pixels, size: 32, count: 2 }).total);
  assert.ok(relativeDistance([found[1]!], [found[0]!]) < CLOSE);
  assert.deepEqual(going[1]!.runState().tensors, resume.tensors, 'to the bit, there and back');
  const [each, whole] = [await run(going[0]!), await run(going[1]!)];
  whole.forEach(({ losses }, i) => {
    assert.ok(relativeDistance([losses.total], [each[i]!.losses.total]) < CLOSE);
  });
  for (const one of [first, ...going]) one.dispose();
});

/** Nodes of a step's graph without constants, which TensorFlow folds. */
async function nodesOfStep(
  batching: Batching,
  batch: number,
  settings: Partial<TrainConfig> = {},
): Promise<number> {
  const all = { ...config, ...settings };
  const layers = parseArchitecture(all.architecture);
  const specs = transformNetParameters(layers);
  const network = new LossNetwork(lossNetwork, all.pooling);
  const weights = { ...(await weightsOf(all, lossNetwork.kind)), stabilityWeight: all.stabilityWeight };
  const style = targetsOf(painting, network, weights);
  const form = stepForm({ layers, specs, lossNetwork: network, style, weights }, batching);
  const named = firstState(specs, 1);
  const state = form.fromNamed(named);
  const inputs: StepInputs = {
    photos: tf.zeros([batch, 32, 32, 3]),
    learningRate: tf.scalar(0),
    averagingShare: tf.scalar(0),
    ...(all.stabilityWeight > 0 && { changes: drawChanges(all, { epoch: 0, index: 0 }, batch, 32) }),
  };
  const constants = [...network.tensors, ...Object.values(style)];
  const { program } = flattened(makeTrainStep(form), inputs, state);
  const { nodes } = record(program, { inputs: listOf(inputs), state: listOf(state), constants });
  tf.dispose([inputs, named, state, constants]);
  return nodes.filter(({ op }) => op !== 'Const' && op !== 'Fill').length;
}

test('the graph of a whole batch has as many nodes whatever the batch, and fewer than that of two photos', async () => {
  await expectNoLeak(async () => {
    const two = await nodesOfStep('whole-batch', 2, steady);
    assert.equal(await nodesOfStep('whole-batch', 5, steady), two);
    assert.ok(two < (await nodesOfStep('per-photo', 2, steady)));
    // What Adam and the averaging of ten parameters are less, too: even of one photo there are fewer.
    const plain = await nodesOfStep('whole-batch', 2);
    assert.ok(plain <= 549 && plain < (await nodesOfStep('per-photo', 1)), `${plain}`);
  });
});
