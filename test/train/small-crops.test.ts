import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { describePlan } from '../../src/commands/train-plan.ts';
import { type BatchPosition, batches } from '../../src/data/batches.ts';
import { ConfigError } from '../../src/errors.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { probeSteps } from '../../src/train/probe-step.ts';
import { loadRunState, type RunState, saveRunState } from '../../src/train/run-state.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyDataset } from '../helpers/tiny-dataset.ts';
import { config, run, trainer } from './tiny-trainer.ts';

const growing: TrainConfig = { ...config, imageSize: 48, smallCrops: 0.5, steps: 6 };

interface Taken {
  readonly side: number;
  readonly index: number;
}

/** Photos from a data set on disk, and what of them has been taken. */
async function photosOf(folder: string) {
  const dataset = await tinyDataset(folder, 5);
  const taken: Taken[] = [];
  async function* openBatches(position: BatchPosition | undefined, imageSize: number) {
    const from = position === undefined ? {} : { position };
    for await (const batch of batches({ dataset, imageSize, batch: 2, seed: 3, ...from })) {
      taken.push({ side: batch.size, index: 5 * batch.position.epoch + batch.position.index });
      yield batch;
    }
  }
  return { openBatches, taken };
}

const anyRun = (state: RunState) => ({ ...state, run: '' });

test('crops grow at just the step, with the photos that come next, and resuming anywhere changes nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const { openBatches, taken } = await photosOf(folder);
  const straight = trainer({ config: growing, openBatches });
  const whole = await run(straight);
  assert.deepEqual(
    taken,
    [24, 24, 24, 48, 48, 48].map((side, i) => ({ side, index: 2 * (i + 1) })),
  );
  // Before the crops grow, and just when they are about to.
  for (const stop of [2, 3]) {
    const broken = trainer({ config: growing, openBatches });
    const first = await run(broken, stop);
    await saveRunState(join(folder, 'run'), broken.runState());
    broken.dispose();
    const { state } = await loadRunState(join(folder, 'run'));
    const resumed = trainer({ config: growing, openBatches, resume: state });
    assert.deepEqual([...first, ...(await run(resumed))], whole, `stopped after step ${stop}`);
    assert.deepEqual(anyRun(resumed.runState()), anyRun(straight.runState()));
    resumed.dispose();
  }
  straight.dispose();
});

test('it is the same training as two runs, one going on from the other with larger crops', async (t) => {
  const { openBatches } = await photosOf(await temporaryFolder(t));
  const engine = 'eager';
  const one = trainer({ config: growing, openBatches, engine });
  const grown = await run(one);
  const small = trainer({ config: { ...growing, imageSize: 24, smallCrops: 0 }, openBatches, engine });
  const first = await run(small, 3);
  const large = trainer({
    config: { ...growing, smallCrops: 0 },
    openBatches,
    engine,
    resume: small.runState(),
  });
  assert.deepEqual([...first, ...(await run(large))], grown);
  assert.deepEqual(large.parameters(), one.parameters());
  for (const each of [one, small, large]) each.dispose();
});

test('going back to a state of smaller crops takes them again, of the photos that come next', async (t) => {
  const { openBatches, taken } = await photosOf(await temporaryFolder(t));
  const of = trainer({ config: growing, openBatches, accumulate: 2 });
  let good: RunState | undefined;
  let isBack = false;
  await expectNoLeak(async () => {
    for await (const { step } of of.steps()) {
      if (step === 2) good ??= of.runState();
      if (step === 4 && !isBack) {
        isBack = true;
        of.restore(good!);
      }
    }
  });
  const sides = [24, 24, 24, 48, 24, 48, 48, 48];
  assert.deepEqual(
    taken,
    sides.map((side, i) => ({ side, index: 2 * (i + 1) })),
  );
  assert.equal(of.stepsDone, 6);
  of.dispose();
});

test('the plan measures steps of both sides and adds them up', async (t) => {
  const { openBatches } = await photosOf(await temporaryFolder(t));
  const long = { ...growing, steps: 100, smallCrops: 0.4 };
  const of = trainer({ config: long, openBatches });
  const before = of.runState();
  const probed = (await expectNoLeak(() => probeSteps(of, long)))!;
  assert.deepEqual(of.runState(), before);
  assert.deepEqual(
    probed.map(({ side, steps }) => [side, steps]),
    [
      [24, 40],
      [48, 60],
    ],
  );
  assert.ok(probed.every(({ seconds }) => seconds > 0));
  // It still stands where it stood: the next crops are small ones.
  const [first] = await run(of, 1);
  assert.equal(first?.step, 1);
  of.dispose();
  const megabyte = 1e6;
  const plan = {
    memory: megabyte,
    state: megabyte,
    states: 1,
    checkpoint: megabyte,
    previews: 0,
    log: 0,
    disk: megabyte,
  };
  const room = { memory: megabyte, resident: 0, disk: megabyte };
  const parts = [
    { side: 24, steps: 400, seconds: 0.25 },
    { side: 48, steps: 600, seconds: 1 },
  ];
  assert.match(
    describePlan({ plan, room }, parts, 1000)[1]!,
    /time {4}0\.25 s a step at 24 px, 1\.0 s a step at 48 px \(measured\), 12 min for 1000 steps/,
  );
  assert.match(describePlan({ plan, room }, parts.slice(1), 600)[1]!, /1\.0 s a step \(measured\), 10 min/);
});

test('small crops that the architecture cannot paint are refused; a run that is past them does not mind', async () => {
  const wide = { ...config, architecture: 'c3s1-4,d6,d6,d6,d6,u6,u6,u6,u4,c3s1-3', imageSize: 32 };
  assert.throws(
    () => trainer({ config: { ...wide, smallCrops: 0.5 } }),
    (error) =>
      error instanceof ConfigError && /crops of at least 32 px .* but received 16/.test(error.message),
  );
  const plain = trainer({ config: wide, engine: 'eager' });
  await run(plain, 3);
  const past = trainer({ config: { ...wide, smallCrops: 0.5 }, engine: 'eager', resume: plain.runState() });
  assert.equal((await run(past)).length, 3);
  plain.dispose();
  past.dispose();
});
