import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { TrainingDivergedError } from '../../src/errors.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { loadRunState } from '../../src/train/run-state.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import { runTraining } from '../../src/train/training-run.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { relativeDistance } from '../helpers/tensor-close.ts';
import { config, trainer } from './tiny-trainer.ts';

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
