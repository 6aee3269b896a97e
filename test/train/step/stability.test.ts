import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { random } from '../../../src/data/random.ts';
import { shapesOf } from '../../../src/engine/compile/compile.ts';
import { flattened } from '../../../src/engine/compile/program.ts';
import { record } from '../../../src/engine/compile/record.ts';
import { listOf } from '../../../src/engine/compile/tensor-record.ts';
import { toTensor } from '../../../src/engine/pixels.ts';
import { toPixels } from '../../../src/engine/samples.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { stabilityTerms } from '../../../src/losses/stability-loss.ts';
import { parseArchitecture } from '../../../src/networks/architecture.ts';
import { LossNetwork } from '../../../src/networks/loss-network.ts';
import { transformNet } from '../../../src/networks/transform-net.ts';
import { transformNetParameters } from '../../../src/networks/transform-net-parameters.ts';
import { steadiness } from '../../../src/quality/steadiness.ts';
import { loadRunState, saveRunState } from '../../../src/train/run/run-state.ts';
import { DEFAULT_CHANGES } from '../../../src/train/stability-setting.ts';
import { targetsOf, weightsOf } from '../../../src/train/step/objective.ts';
import {
  type ChangeTensors,
  changeShapes,
  drawChange,
  drawChanges,
  nextMoment,
} from '../../../src/train/step/stability-changes.ts';
import { firstState } from '../../../src/train/step/train-state.ts';
import { makeTrainStep, type StepInputs, stepForm } from '../../../src/train/step/train-step.ts';
import type { NetworkTrainer, StepProgress } from '../../../src/train/trainer.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';
import { drawnPicture, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { config, deeper, fromDataset, lossNetwork, painting, run, trainer } from '../tiny-trainer.ts';

const steady = { ...config, stabilityWeight: 10, stabilityFrom: 0 };
const position = { epoch: 3, index: 4 };

/** The term's value at what is painted of a photo. */
function stability(
  paint: (photo: tf.Tensor4D) => tf.Tensor4D,
  photo: tf.Tensor4D,
  change: ChangeTensors,
): tf.Scalar {
  const [term] = stabilityTerms({ stabilityWeight: 1 });
  return term!.value(paint(photo), {}, { next: () => nextMoment(paint, photo, change) }) as tf.Scalar;
}

test('changes stay within their bounds, and use the whole range', () => {
  const next = random(1);
  const drawn = Array.from({ length: 400 }, () => drawChange(DEFAULT_CHANGES, next));
  const range = (of: (change: (typeof drawn)[number]) => number) => {
    const values = drawn.map(of);
    return [Math.min(...values), Math.max(...values)] as const;
  };
  const within = ([least, most]: readonly [number, number], low: number, high: number) => {
    const slack = 0.05 * (high - low);
    assert.ok(least >= low && least < low + slack && most <= high && most > high - slack, `${least} ${most}`);
  };
  within(
    range(({ right }) => right),
    -8,
    8,
  );
  within(
    range(({ down }) => down),
    -8,
    8,
  );
  within(
    range(({ zoom }) => zoom),
    1 / 1.05,
    1.05,
  );
  within(
    range(({ gain }) => gain),
    1 / 1.05,
    1.05,
  );
  within(
    range(({ noise }) => noise),
    0,
    6,
  );
  assert.deepEqual(
    drawChange({ noise: 3 }, () => 0.75),
    { right: 0, down: 0, zoom: 1, gain: 1, noise: 2.25 },
  );
});

test("a batch's changes are a function of seed and place, with no two photos alike", async () => {
  await expectNoLeak(() => {
    const draw = (seed: number, at = position) =>
      drawChanges({ stabilityChanges: DEFAULT_CHANGES, seed }, at, 2, 16);
    const all = [draw(1), draw(1), draw(2), draw(1, { epoch: 3, index: 5 })];
    assert.deepEqual(shapesOf(all[0]!), changeShapes(2, 16));
    const [first, again, otherSeed, otherPlace] = all.map((tensors) =>
      Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]] as const),
    );
    assert.deepEqual(again, first);
    for (const [i, [name, values]] of first!.entries()) {
      if (name === 'inside') continue; // It may be the same.
      assert.notDeepEqual(otherSeed![i]![1], values);
      assert.notDeepEqual(otherPlace![i]![1], values);
      assert.notDeepEqual(values.slice(0, values.length / 2), values.slice(values.length / 2));
    }
    tf.dispose(all);
  });
});

test('the term has the gradient that finite differences find, and leaks nothing', async () => {
  const photo = toTensor(drawnPicture(12, 12, 4));
  const change = drawChanges(
    { stabilityChanges: { shift: 3, zoom: 0.1, noise: 5 }, seed: 1 },
    position,
    1,
    12,
  );
  const kernel = tf.randomNormal([3, 3, 3, 3], 0, 0.3, 'float32', 5);
  const termOf = (weights: tf.Tensor) => {
    const paint = (of: tf.Tensor4D): tf.Tensor4D =>
      tf.mul(tf.add(tf.tanh(tf.conv2d(tf.div(of, 128), weights as tf.Tensor4D, 1, 'same')), 1), 127.5);
    return tf.tidy(() => stability(paint, photo, change));
  };
  await expectNoLeak(() => {
    expectGradientMatches((x) => termOf(x!), [kernel], { coordinates: 20 });
    termOf(kernel).dispose();
  });
  tf.dispose([photo, kernel, change]);
});

test('a painting that follows has no stability loss: the term moves it as the photo was moved', () => {
  tf.tidy(() => {
    const photo = toTensor(drawnPicture(32, 32, 4));
    const term = (stabilityChanges: object, paint: (of: tf.Tensor4D) => tf.Tensor4D) => {
      const change = drawChanges({ stabilityChanges, seed: 2 }, position, 1, 32);
      return stability(paint, photo, change).dataSync()[0]!;
    };
    const negative = (of: tf.Tensor4D) => tf.sub(255, of) as tf.Tensor4D;
    const screen = tf.mul(tf.sub(tf.randomUniform([1, 32, 32, 3], 0, 1, 'float32', 6), 0.5), 200);
    const onScreen = (of: tf.Tensor4D) => tf.add(tf.mul(of, 0.01), screen) as tf.Tensor4D;
    assert.ok(term({ shift: 5, zoom: 0.1 }, negative) < 1e-3);
    assert.ok(term({ shift: 5, zoom: 0.1 }, onScreen) > 0.5);
    assert.ok(term({ noise: 10 }, negative) > 1e-4);
    assert.ok(term({ noise: 10 }, onScreen) < 1e-4);
  });
});

test('without a weight the step is what it was: no input, output or op more', async () => {
  const specs = transformNetParameters(parseArchitecture(config.architecture));
  const network = new LossNetwork(lossNetwork, config.pooling);
  const weights = await weightsOf(config, lossNetwork.kind);
  const style = targetsOf(painting, network, weights);
  const state = firstState(specs, 1);
  const layers = parseArchitecture(config.architecture);
  const inputs: StepInputs = {
    photos: tf.zeros([1, 32, 32, 3]),
    learningRate: tf.scalar(0),
    averagingShare: tf.scalar(0),
  };
  const changes = drawChanges(config, position, 1, 32);
  const constants = [...network.tensors, ...Object.values(style)];
  const graphOf = (stabilityWeight: number | undefined, given: StepInputs) => {
    const options = { layers, specs, lossNetwork: network, style, weights: { ...weights, stabilityWeight } };
    const step = makeTrainStep(stepForm(options, 'per-photo'));
    const { program } = flattened(step, given, state);
    return record(program, { inputs: listOf(given), state: listOf(state), constants });
  };
  const ops = ({ nodes }: ReturnType<typeof record>) => nodes.map(({ op }) => op);
  const [plain, zero, weighed] = [
    graphOf(undefined, inputs),
    graphOf(0, inputs),
    graphOf(1, { ...inputs, changes }),
  ];
  assert.deepEqual(ops(zero), ops(plain));
  assert.equal(weighed.outputNames.length, plain.outputNames.length + 1);
  assert.ok(!ops(zero).includes('Einsum') && ops(weighed).includes('Einsum'));
  tf.dispose([inputs, changes, state, constants]);
});

test('compiled, op by op and in parts the training is the same, its total is the weighted sum, and nothing leaks', async () => {
  const progress: StepProgress[][] = [];
  await expectNoLeak(async () => {
    for (const given of [{}, { engine: 'eager' as const }, { accumulate: 2 }]) {
      const living = await trainer({ config: steady, ...given });
      const first = await run(living, 3);
      await expectNoLeak(async () => {
        progress.push([...first, ...(await run(living, 1))]);
      });
      living.dispose();
    }
  });
  const [first, ...rest] = progress;
  for (const { losses } of first!) {
    const { contentWeight, styleWeight, tvWeight, latticeWeight } = config;
    const { content, style, tv, lattice, stability } = losses;
    const seen = contentWeight * content + styleWeight * style;
    const sum = seen + tvWeight * tv + latticeWeight * lattice! + 10 * stability!;
    assert.ok(Math.abs(losses.total - sum) < 1e-4 * sum);
    assert.ok(stability! > 0.01 && stability! < 1.5, `${stability}`);
  }
  for (const other of rest)
    other.forEach(({ losses }, i) => {
      expectTensorClose(numbers(losses), numbers(first![i]!.losses), { relative: 1e-3 });
    });
});

const numbers = (losses: object): number[] =>
  Object.values(losses).flatMap((value) => (typeof value === 'number' ? value : numbers(value)));

test('a run that is resumed draws the changes that it would have drawn, and keeps its settings', async (t) => {
  const folder = await temporaryFolder(t);
  const options = {
    openBatches: fromDataset(await tinyDataset(folder, 5)),
    config: { ...steady, stabilityChanges: { shift: 3, noise: 9 } },
    engine: 'eager' as const,
  };
  const straight = await trainer(options);
  const first = await run(straight, 2);
  await saveRunState(join(folder, 'run'), straight.runState());
  const whole = [...first, ...(await run(straight))];
  const { state } = await loadRunState(join(folder, 'run'));
  assert.equal(state.config.stabilityWeight, 10);
  assert.deepEqual(state.config.stabilityChanges, { shift: 3, noise: 9 });
  const resumed = await trainer({ ...options, resume: state, config: state.config });
  assert.deepEqual([...first, ...(await run(resumed))], whole);
  assert.deepEqual(resumed.parameters(), straight.parameters());
  for (const each of [straight, resumed]) each.dispose();
});

test('a network trained for it is steadier', async () => {
  const architecture = 'c3s1-4,d6,R6,u4,c3s1-3';
  const layers = parseArchitecture(architecture);
  const relative = async (of: NetworkTrainer) => {
    await run(of);
    const parameters = of.parameters();
    const tensors = Object.fromEntries(
      parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
    );
    const found = await steadiness({
      stylize: (picture) =>
        tf.tidy(() => {
          const pixels = toPixels(transformNet(layers, tensors, toTensor(picture)).dataSync());
          return { ...picture, pixels } as typeof picture & tf.TensorContainer;
        }) as typeof picture,
      photos: [drawnPicture(64, 64, 8)],
    });
    tf.dispose(tensors);
    of.dispose();
    return found.changes.find(({ name }) => name === 'pan 3 px')!.relative;
  };
  const long = { architecture, steps: 60, averaging: 0 };
  const without = await relative(await trainer({ config: { ...deeper, ...long } }));
  const steadier = await relative(
    await trainer({ config: { ...deeper, ...long, stabilityWeight: 30, stabilityFrom: 0 } }),
  );
  assert.ok(steadier < 0.7 * without, `${steadier} against ${without}`);
});
