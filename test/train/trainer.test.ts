import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { CheckpointError, ConfigError, WeightsError } from '../../src/system/errors.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { loadRunState, type RunState, saveRunState } from '../../src/train/run/run-state.ts';
import type { NetworkTrainer, NetworkTrainerOptions } from '../../src/train/trainer.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { relativeDistance } from '../helpers/tensor-close.ts';
import { drawnPicture, tinyDataset } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';
import { config, deeper, fromDataset, lossNetwork, run, trainer } from './tiny-trainer.ts';

test('training lowers the loss on a photo, compiled and op by op alike', async () => {
  const long = { ...deeper, architecture: 'c3s1-4,d6,R6,u4,c3s1-3', steps: 20 };
  const [compiled, eager] = [
    await trainer({ config: long }),
    await trainer({ config: long, engine: 'eager' }),
  ];
  const [fast, slow] = [await run(compiled), await run(eager, 8)];
  assert.deepEqual(
    fast.map(({ step }) => step),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.ok(
    fast.at(-1)!.losses.total < 0.8 * fast[0]!.losses.total,
    JSON.stringify(fast.map((p) => p.losses.total)),
  );
  const { contentWeight, styleWeight, tvWeight, latticeWeight } = config;
  for (const { losses } of fast) {
    const smooth = tvWeight * losses.tv + latticeWeight * losses.lattice!;
    const sum = contentWeight * losses.content + styleWeight * losses.style + smooth;
    assert.ok(losses.lattice! > 0);
    assert.ok(Math.abs(losses.total - sum) < 1e-4 * sum, 'the total is the weighted sum');
    assert.deepEqual(Object.keys(losses.styleLayers), ['relu1_1', 'relu2_1']);
    const style = (losses.styleLayers.relu1_1! + losses.styleLayers.relu2_1!) / 2;
    assert.ok(Math.abs(losses.style - style) < 1e-5 * style, 'a term is the mean over its layers');
    assert.ok(Math.abs(losses.contentLayers.relu3_1! / losses.content - 1) < 1e-5);
  }
  slow.forEach(({ losses, learningRate }, i) => {
    assert.equal(learningRate, fast[i]!.learningRate);
    assert.ok(Math.abs(losses.total - fast[i]!.losses.total) < 1e-3 * losses.total, `step ${i + 1}`);
  });
  assert.equal(compiled.images, 40);
  compiled.dispose();
  eager.dispose();
});

test('averaged weights are shipped; without averaging, the last', async () => {
  const [averaged, last] = [await trainer(), await trainer({ config: { ...config, averaging: 0 } })];
  await run(averaged);
  await run(last);
  const state = last.runState().tensors;
  last.parameters().forEach(({ name, values }) => {
    const trained = state.find((tensor) => tensor.name === `parameters/${name}`)!.values;
    assert.ok(relativeDistance(values, trained) < 1e-5, name);
  });
  const kernel = (of: NetworkTrainer) => of.parameters()[0]!.values;
  assert.ok(relativeDistance(kernel(averaged), kernel(last)) > 1e-4);
  averaged.dispose();
  last.dispose();
});

test('a run resumed from its files continues exactly as if it had not stopped', async (t) => {
  const folder = await temporaryFolder(t);
  const openBatches = fromDataset(await tinyDataset(folder, 5));
  const straight = await trainer({ openBatches });
  const whole = await run(straight);
  const broken = await trainer({ openBatches });
  const first = await run(broken, 3);
  await saveRunState(join(folder, 'run'), broken.runState());
  broken.dispose();
  const { state, passedOver } = await loadRunState(join(folder, 'run'));
  assert.deepEqual(passedOver, []);
  const resumed = await trainer({ openBatches, resume: state });
  assert.equal(resumed.stepsDone, 3);
  const rest = await run(resumed);
  assert.deepEqual([...first, ...rest], whole);
  assert.equal(resumed.run, broken.run);
  assert.deepEqual({ ...resumed.runState(), run: '' }, { ...straight.runState(), run: '' });
  assert.deepEqual(resumed.parameters(), straight.parameters());
  assert.equal(resumed.images, 12);
  straight.dispose();
  resumed.dispose();
});

test('a run resumes only with its own painting, loss network and architecture', async () => {
  const started = await trainer();
  await run(started, 1);
  const resume = started.runState();
  started.dispose();
  const cases: readonly (readonly [Partial<NetworkTrainerOptions>, RegExp])[] = [
    [{ painting: drawnPicture(48, 40, 78) }, /the painting that the run was started with/],
    [{ dataset: 'another' }, /the data set that the run was started with/],
    [{ lossNetwork: tinyLossNetwork({ seed: 8 }) }, /the loss network that the run was started with/],
    [{ config: { ...config, architecture: 'c3s1-5,c3s1-3' } }, /the run's architecture/],
  ];
  await expectNoLeak(async () => {
    for (const [options, message] of cases) await assert.rejects(trainer({ resume, ...options }), message);
    // The same numbers in another file; and a state of before, which names the file alone.
    for (const same of [
      { resume, lossNetwork: { ...lossNetwork, sha256: 'of a copy' } },
      { resume: { ...resume, lossNetwork: lossNetwork.sha256 } },
    ])
      (await trainer(same)).dispose();
    const lacking: RunState = { ...resume, tensors: resume.tensors.slice(0, -1) };
    await assert.rejects(trainer({ resume: lacking }), (error) => error instanceof CheckpointError);
  });
});

test('layers that the loss network lacks are refused, and nothing leaks', async () => {
  await expectNoLeak(async () => {
    const layers = (styleLayers: TrainConfig['styleLayers']) => ({ config: { ...config, styleLayers } });
    await assert.rejects(trainer(layers({ relu9_1: 1 })), ConfigError);
    await assert.rejects(
      trainer(layers({ relu2_1: 1, block2_conv1: 1 })),
      (error) =>
        error instanceof ConfigError && /each layer once .* relu2_1 under two names/.test(error.message),
    );
    await assert.rejects(trainer({ lossNetwork: tinyLossNetwork({ last: 'conv1_2' }) }), WeightsError);
    const deep = `c3s1-3,${'d3,'.repeat(6)}${'u3,'.repeat(6)}c3s1-3`;
    await assert.rejects(
      trainer({ config: { ...config, architecture: deep } }),
      (error) => error instanceof ConfigError && /crops of at least \d+ px/.test(error.message),
    );
    const line = drawnPicture(40, 1);
    await assert.rejects(trainer({ painting: line }), ConfigError);
  });
});

test('from first weights to disposal nothing leaks', async () => {
  for (const engine of ['compiled', 'eager'] as const) {
    await expectNoLeak(async () => {
      const living = await trainer({ engine });
      await run(living, 1);
      await expectNoLeak(async () => {
        await run(living, 2);
        living.parameters();
        living.runState();
      });
      living.dispose();
    });
  }
});
