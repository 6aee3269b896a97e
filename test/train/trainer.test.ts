import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { type BatchPosition, batches } from '../../src/data/batches.ts';
import { CheckpointError, ConfigError, TrainingDivergedError, WeightsError } from '../../src/errors.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { parseTrainConfig, type TrainConfig } from '../../src/train/config.ts';
import {
  hasRunState,
  loadRunState,
  type RunState,
  removeRun,
  saveRunState,
} from '../../src/train/run-state.ts';
import { Trainer, type TrainerOptions, type TrainProgress } from '../../src/train/trainer.ts';
import { runTraining } from '../../src/train/training-run.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { relativeDistance } from '../helpers/tensor-close.ts';
import { drawnPicture, tinyDataset } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const config: TrainConfig = parseTrainConfig({
  architecture: 'c3s1-4,d6,R6,u4,c3s1-3',
  lossNetwork: 'tiny.safetensors',
  contentLayers: { relu3_1: 1 },
  styleLayers: { relu1_1: 1, block2_conv1: 1 },
  imageSize: 32,
  batch: 2,
  steps: 6,
  learningRate: 5e-3,
  warmup: 2,
  decay: 'none',
  seed: 3,
});
const painting = drawnPicture(48, 40, 77);
const lossNetwork = tinyLossNetwork();

/** The same two photos for ever, without a data set. */
async function* onePhoto(): ReturnType<TrainerOptions['openBatches']> {
  const { pixels } = drawnPicture(32, 64, 5);
  for (let index = 2; ; index += 2) yield { pixels, size: 32, count: 2, position: { epoch: 0, index } };
}

function trainer(options: Partial<TrainerOptions> = {}): Trainer {
  return Trainer.create({
    config,
    painting,
    lossNetwork,
    dataset: 'one photo',
    openBatches: onePhoto,
    precision: 'f32',
    ...options,
  });
}

async function run(of: Trainer, steps = Number.POSITIVE_INFINITY): Promise<TrainProgress[]> {
  const progress: TrainProgress[] = [];
  for await (const step of of.steps()) {
    progress.push(step);
    if (progress.length === steps) break;
  }
  return progress;
}

/** Photos from a data set on disk, where positions matter. */
const fromDataset = (dataset: string) => (position: BatchPosition | undefined) =>
  batches({ dataset, imageSize: 32, batch: 2, seed: 3, ...(position === undefined ? {} : { position }) });

test('training lowers the loss on a photo, compiled and op by op alike', async () => {
  const long = { ...config, steps: 20 };
  const [compiled, eager] = [trainer({ config: long }), trainer({ config: long, engine: 'eager' })];
  const [fast, slow] = [await run(compiled), await run(eager, 8)];
  assert.deepEqual(
    fast.map(({ step }) => step),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.ok(
    fast.at(-1)!.losses.total < 0.8 * fast[0]!.losses.total,
    JSON.stringify(fast.map((p) => p.losses.total)),
  );
  const { contentWeight, styleWeight, tvWeight } = config;
  for (const { losses } of fast) {
    const sum = contentWeight * losses.content + styleWeight * losses.style + tvWeight * losses.tv;
    assert.ok(Math.abs(losses.total - sum) < 1e-4 * sum, 'the total is the weighted sum');
  }
  slow.forEach(({ losses, learningRate }, i) => {
    assert.equal(learningRate, fast[i]!.learningRate);
    assert.ok(Math.abs(losses.total - fast[i]!.losses.total) < 1e-3 * losses.total, `step ${i + 1}`);
  });
  assert.equal(compiled.images, 40);
  compiled.dispose();
  eager.dispose();
});

test('in bf16 the first losses are near those in f32', async () => {
  const [half, full] = [trainer({ precision: 'bf16' }), trainer()];
  const [a, b] = [await run(half, 2), await run(full, 2)];
  a.forEach(({ losses }, i) => {
    assert.ok(
      Math.abs(losses.total / b[i]!.losses.total - 1) < 0.03,
      `step ${i + 1}: ${losses.total} ${b[i]!.losses.total}`,
    );
  });
  half.dispose();
  full.dispose();
});

test('averaged weights are shipped; without averaging, the last', async () => {
  const [averaged, last] = [trainer(), trainer({ config: { ...config, averaging: 0 } })];
  await run(averaged);
  await run(last);
  const state = last.runState().tensors;
  last.parameters().forEach(({ name, values }) => {
    const trained = state.find((tensor) => tensor.name === `parameters/${name}`)!.values;
    assert.ok(relativeDistance(values, trained) < 1e-5, name);
  });
  const kernel = (of: Trainer) => of.parameters()[0]!.values;
  assert.ok(relativeDistance(kernel(averaged), kernel(last)) > 1e-4);
  averaged.dispose();
  last.dispose();
});

test('a run resumed from its files goes on exactly as if it had not stopped', async (t) => {
  const folder = await temporaryFolder(t);
  const openBatches = fromDataset(await tinyDataset(folder, 5));
  const straight = trainer({ openBatches });
  const whole = await run(straight);
  const broken = trainer({ openBatches });
  const first = await run(broken, 3);
  await saveRunState(join(folder, 'run'), broken.runState());
  broken.dispose();
  const { state, passedOver } = await loadRunState(join(folder, 'run'));
  assert.deepEqual(passedOver, []);
  const resumed = trainer({ openBatches, resume: state });
  assert.equal(resumed.stepsDone, 3);
  const rest = await run(resumed);
  assert.deepEqual([...first, ...rest], whole);
  assert.deepEqual(resumed.runState(), straight.runState());
  assert.deepEqual(resumed.parameters(), straight.parameters());
  assert.equal(resumed.images, 12);
  straight.dispose();
  resumed.dispose();
});

test('a run goes on only with its own painting, loss network and architecture', async () => {
  const started = trainer();
  await run(started, 1);
  const resume = started.runState();
  started.dispose();
  const cases: readonly (readonly [Partial<TrainerOptions>, RegExp])[] = [
    [{ painting: drawnPicture(48, 40, 78) }, /the painting that the run was started with/],
    [{ dataset: 'another' }, /the data set that the run was started with/],
    [{ lossNetwork: tinyLossNetwork({ seed: 8 }) }, /the loss network that the run was started with/],
    [{ config: { ...config, architecture: 'c3s1-4,c3s1-3' } }, /the run's architecture/],
  ];
  await expectNoLeak(() => {
    for (const [options, message] of cases) assert.throws(() => trainer({ resume, ...options }), message);
    const lacking: RunState = { ...resume, tensors: resume.tensors.slice(0, -1) };
    assert.throws(
      () => trainer({ resume: lacking }),
      (error) => error instanceof CheckpointError,
    );
  });
});

test('what the loss network cannot give is refused, and nothing stays behind', async () => {
  await expectNoLeak(() => {
    const layers = (styleLayers: TrainConfig['styleLayers']) => ({ config: { ...config, styleLayers } });
    assert.throws(() => trainer(layers({ relu9_1: 1 })), ConfigError);
    assert.throws(
      () => trainer(layers({ relu2_1: 1, block2_conv1: 1 })),
      (error) =>
        error instanceof ConfigError && /each layer once .* relu2_1 under two names/.test(error.message),
    );
    assert.throws(() => trainer({ lossNetwork: tinyLossNetwork({ last: 'conv1_2' }) }), WeightsError);
    const deep = `c3s1-3,${'d3,'.repeat(6)}${'u3,'.repeat(6)}c3s1-3`;
    assert.throws(
      () => trainer({ config: { ...config, architecture: deep } }),
      (error) => error instanceof ConfigError && /an image size of at least \d+ px/.test(error.message),
    );
    const line = drawnPicture(40, 1);
    assert.throws(() => trainer({ painting: line }), ConfigError);
  });
});

test('a life from first weights to disposal leaves nothing behind', async () => {
  for (const engine of ['compiled', 'eager'] as const) {
    await expectNoLeak(async () => {
      const living = trainer({ engine });
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

test('a loss that is not finite ends the run with a line that says what to do', async () => {
  const wild = trainer({
    config: { ...config, steps: 40, tvWeight: 1e38, contentWeight: 1e9, learningRate: 1 },
  });
  await assert.rejects(
    run(wild),
    (error) =>
      error instanceof TrainingDivergedError &&
      /^Training went astray at step \d+ .*--learning-rate\.$/.test(error.message),
  );
  wild.dispose();
});

const description = {
  architecture: config.architecture,
  name: 'tiny',
  style: { file: 'tiny.png' },
  training: { ...config },
  lossNetwork: {},
  software: {},
};

/** Runs a training to its end, or till `stopAt`, in a folder; answers the steps at which previews were painted. */
async function trainIn(
  folder: string,
  of: Trainer,
  given: { checkpointEvery?: number; stopAt?: number } = {},
) {
  const interruption = new AbortController();
  const previews: number[] = [];
  const seen: string[][] = [];
  const progress = runTraining({
    trainer: of,
    runFolder: join(folder, 'run'),
    checkpointPath: join(folder, 'out', 'tiny.safetensors'),
    description,
    steps: config.steps,
    checkpointEvery: given.checkpointEvery ?? 2,
    previewEvery: 4,
    preview: async (step, parameters) => {
      assert.equal(parameters.length, description.architecture.split(',').length * 3 + 2);
      previews.push(step);
    },
    signal: interruption.signal,
  });
  for await (const { step } of progress) {
    seen.push(await readdir(join(folder, 'run')));
    if (step === given.stopAt) interruption.abort();
  }
  return { previews, seen };
}

test('state and checkpoint are saved at intervals and at the end, two states are kept', async (t) => {
  const folder = await temporaryFolder(t);
  const of = trainer();
  const { previews, seen } = await trainIn(folder, of);
  const state = (step: number) => `state-00000000${step}.safetensors`;
  assert.deepEqual(seen, [[], [], [state(2)], [state(2)], [state(2), state(4)], [state(2), state(4)]]);
  assert.deepEqual(await readdir(join(folder, 'run')), ['log.jsonl', state(4), state(6)]);
  assert.deepEqual(previews, [4]);
  const lines = (await readFile(join(folder, 'run', 'log.jsonl'), 'utf8')).trim().split('\n');
  const [entry] = lines.map((line) => JSON.parse(line));
  assert.equal(lines.length, 1);
  assert.deepEqual(Object.keys(entry), ['step', 'total', 'content', 'style', 'tv', 'learningRate', 'time']);
  const checkpoint = await loadCheckpoint(join(folder, 'out', 'tiny.safetensors'));
  assert.equal(checkpoint.steps, 6);
  assert.equal(checkpoint.images, 12);
  assert.ok(Math.abs(checkpoint.losses.total! - entry.total) < 1e-12);
  of.parameters().forEach(({ values }, i) => {
    assert.ok(relativeDistance(checkpoint.parameters[i]!.values, values) < 1e-3);
  });
  of.dispose();

  // Resumed when all is done: nothing to do, and the checkpoint with its losses stays as it is.
  const before = await readFile(join(folder, 'out', 'tiny.safetensors'));
  const done = trainer({ resume: (await loadRunState(join(folder, 'run'))).state });
  await trainIn(folder, done);
  assert.deepEqual(await readFile(join(folder, 'out', 'tiny.safetensors')), before);
  done.dispose();
});

test('told to stop, a run ends behind the step at hand with everything saved', async (t) => {
  const folder = await temporaryFolder(t);
  const of = trainer();
  await trainIn(folder, of, { checkpointEvery: 100, stopAt: 3 });
  assert.equal(of.stepsDone, 3);
  assert.deepEqual(await readdir(join(folder, 'run')), ['state-000000003.safetensors']);
  assert.equal((await loadCheckpoint(join(folder, 'out', 'tiny.safetensors'))).steps, 3);
  of.dispose();
});

test('weights that went astray replace no state and no checkpoint', async (t) => {
  const folder = await temporaryFolder(t);
  const of = trainer({ config: { ...config, learningRate: 1, warmup: 0, seed: 1 } });
  const good = of.runState();
  of.dispose();
  // A state whose next step is still finite, but whose weights are beyond all measure.
  const tensors = good.tensors.map((tensor) =>
    tensor.name === 'averaged/layers.0.kernel'
      ? { ...tensor, values: tensor.values.map(() => 1e30) }
      : tensor,
  );
  const astray = trainer({ resume: { ...good, tensors } });
  await assert.rejects(trainIn(folder, astray), (error) => error instanceof TrainingDivergedError);
  assert.deepEqual(await readdir(folder), ['run']);
  assert.deepEqual(await readdir(join(folder, 'run')), []);
  astray.dispose();
});

/** Files keep tensors in the order of their names. */
const inOrder = ({ tensors, ...rest }: RunState) => ({
  ...rest,
  tensors: tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
});

test('the newest whole state is taken, and what was passed over is named', async (t) => {
  const folder = await temporaryFolder(t);
  const of = trainer();
  const states: RunState[] = [];
  for await (const { step } of of.steps()) {
    states.push(of.runState());
    await saveRunState(folder, states.at(-1)!);
    if (step === 3) break;
  }
  of.dispose();
  const path = (step: number) => join(folder, `state-00000000${step}.safetensors`);
  assert.deepEqual((await readdir(folder)).length, 2);
  assert.equal(await hasRunState(folder), true);
  assert.deepEqual(inOrder((await loadRunState(folder)).state), inOrder(states[2]!));
  await truncate(path(3), 1000);
  const { state, passedOver } = await loadRunState(folder);
  assert.deepEqual(inOrder(state), inOrder(states[1]!));
  assert.equal(passedOver.length, 1);
  assert.match(passedOver[0]!, /state-000000003\.safetensors is not a sound/);
  await writeFile(path(2), 'nothing');
  await assert.rejects(loadRunState(folder), (error) => {
    return error instanceof CheckpointError && /start it without --resume/.test(error.message);
  });
});

test('no folder, an empty one and one of other files hold no state', async (t) => {
  const folder = await temporaryFolder(t);
  await appendFile(join(folder, 'state-1.safetensors'), 'not ours');
  for (const place of [folder, join(folder, 'none')]) {
    assert.equal(await hasRunState(place), false);
    await assert.rejects(loadRunState(place), /Expected the state of a run in .* but received none/);
  }
});

test("removing a run takes its own files and leaves everybody else's", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'previews'));
  const own = ['state-000000004.safetensors', 'log.jsonl', 'previews/harbour-000500.jpg'];
  const others = ['holiday.jpg', 'previews/holiday.jpg', 'wave.safetensors'];
  for (const name of [...own, ...others]) await writeFile(join(folder, name), 'x');
  await removeRun(folder);
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ['previews', ...others].sort());
  await removeRun(join(folder, 'none'));
});
