import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { describePhases, describePlan } from '../../../src/commands/train/plan.ts';
import { type BatchPosition, batches } from '../../../src/data/batches.ts';
import { ConfigError } from '../../../src/system/errors.ts';
import type { TrainConfig } from '../../../src/train/config.ts';
import { Guard } from '../../../src/train/guard/guard.ts';
import { spikeIn } from '../../../src/train/guard/step-check.ts';
import { probeSteps } from '../../../src/train/plan/probe-step.ts';
import { recentOf } from '../../../src/train/run/resume.ts';
import { loadRunState, type RunState, saveRunState } from '../../../src/train/run/run-state.ts';
import type { NetworkTrainerOptions, StepProgress } from '../../../src/train/trainer.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPicture, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { config, painting, run, trainer } from '../tiny-trainer.ts';

/** Small crops for two steps, large ones for two, and two in which stability is weighed; one photo each compiles sooner. */
const changing: TrainConfig = {
  ...config,
  ...{ imageSize: 48, smallCrops: 1 / 3, batch: 1, steps: 6 },
  ...{ stabilityWeight: 10, stabilityFrom: 2 / 3 },
};

interface Taken {
  readonly side: number;
  readonly index: number;
}

/** Photos from a data set on disk, and what of them has been taken. */
async function photosOf(folder: string, batch = 1) {
  const dataset = await tinyDataset(folder, 5);
  const taken: Taken[] = [];
  async function* openBatches(position: BatchPosition | undefined, imageSize: number) {
    const from = position === undefined ? {} : { position };
    for await (const photos of batches({ dataset, imageSize, batch, seed: 3, ...from })) {
      taken.push({ side: photos.size, index: 5 * photos.position.epoch + photos.position.index });
      yield photos;
    }
  }
  return { openBatches, taken };
}

const anyRun = (state: RunState) => ({ ...state, run: '' });
const taking = (sides: readonly number[], batch = 1) =>
  sides.map((side, i) => ({ side, index: batch * (i + 1) }));

test('phases change at just their steps, with the photos that come next, and resuming changes nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const { openBatches, taken } = await photosOf(folder);
  const straight = await trainer({ config: changing, openBatches });
  const whole: StepProgress[] = [];
  const states: RunState[] = [];
  for await (const progress of straight.steps()) {
    whole.push(progress);
    states.push(straight.runState());
  }
  assert.deepEqual(taken, taking([24, 24, 48, 48, 48, 48]));
  assert.deepEqual(
    whole.map(({ losses }) => losses.stability !== undefined),
    [false, false, false, false, true, true],
  );
  // Means are of one phase: with one of the terms in half of them, they would not add up.
  assert.deepEqual(
    states.map(({ recent }) => recent.length),
    [1, 2, 1, 2, 1, 2],
  );
  // Within a phase and over the switch to the last one; and just when that is about to begin.
  for (const stop of [3, 4]) {
    await saveRunState(join(folder, 'run'), states[stop - 1]!);
    const { state } = await loadRunState(join(folder, 'run'));
    const resumed = await trainer({ config: changing, openBatches, resume: state });
    assert.deepEqual(await run(resumed), whole.slice(stop), `stopped after step ${stop}`);
    assert.deepEqual(anyRun(resumed.runState()), anyRun(straight.runState()));
    resumed.dispose();
  }
  straight.dispose();
});

test('it is the same training as runs of one phase each, one continuing the other', async (t) => {
  const { openBatches } = await photosOf(await temporaryFolder(t));
  const eager = (settings: Partial<TrainConfig>, resume?: RunState) =>
    trainer({
      ...{ openBatches, engine: 'eager', config: { ...changing, ...settings } },
      ...(resume === undefined ? {} : { resume }),
    });
  const one = await eager({});
  const whole = await run(one);
  const small = await eager({ imageSize: 24, smallCrops: 0, stabilityWeight: 0 });
  const first = await run(small, 2);
  const large = await eager({ smallCrops: 0, stabilityWeight: 0 }, small.runState());
  const second = await run(large, 2);
  const steady = await eager({ smallCrops: 0, stabilityFrom: 0 }, large.runState());
  assert.deepEqual([...first, ...second, ...(await run(steady))], whole);
  assert.deepEqual(steady.parameters(), one.parameters());
  for (const each of [one, small, large, steady]) each.dispose();
});

test('a roll-back over changes has them come again, with the photos that come next', async (t) => {
  const { openBatches, taken } = await photosOf(await temporaryFolder(t), 2);
  const steady: boolean[] = [];
  await expectNoLeak(async () => {
    const config = { ...changing, batch: 2 };
    const of = await trainer({ config, openBatches, engine: 'eager', accumulate: 2 });
    const guard = new Guard({ trainer: of, photo: painting, painting, precision: 'f32' });
    for await (const { step, losses } of of.steps()) {
      steady.push(losses.stability !== undefined);
      if (steady.length === 5) guard.rollBack({ kind: 'spike', text: `the loss leapt at step ${step}` });
    }
    assert.equal(of.stepsDone, 6);
    guard.dispose();
    of.dispose();
  });
  assert.deepEqual(taken, taking([24, 24, 48, 48, 48, 24, 24, 48, 48, 48, 48], 2));
  const [no, yes] = [false, true];
  assert.deepEqual(steady, [...[no, no, no, no, yes], ...[no, no, no, no, yes, yes]]);
});

test('the guard takes no change of phase for a spike, and finds the spikes of each phase', async () => {
  // A weight that lifts the total a thousandfold, and a learning rate that changes nothing.
  const lifted = { stabilityWeight: 1e5, learningRate: 1e-9, steps: 50 };
  const of = await trainer({
    config: { ...config, ...lifted, batch: 1 },
    engine: 'eager',
    openBatches: smallPhoto,
  });
  const guard = new Guard({ trainer: of, photo: painting, painting, precision: 'f32' });
  const totals: number[] = [];
  for await (const progress of of.steps()) {
    totals.push(progress.losses.total);
    assert.equal(guard.judge(progress), undefined, `step ${progress.step}`);
  }
  assert.match(spikeIn(totals.slice(0, 26))!, /leapt to/);
  assert.equal(of.recent.length, 25);
  const leap = { ...of.recent[0]!, total: 1000 * of.recent[0]!.total };
  of.restore({ ...of.runState(), recent: [...of.recent, leap] });
  const health = { gradientNorm: 1, weightNorm: 1 };
  assert.equal(guard.judge({ step: 50, losses: leap, health, learningRate: 1 })?.kind, 'spike');
  guard.dispose();
  of.dispose();
});

async function* smallPhoto(): ReturnType<NetworkTrainerOptions['openBatches']> {
  const { pixels } = drawnPicture(32, 32, 5);
  for (let index = 1; ; index++) yield { pixels, size: 32, count: 1, position: { epoch: 0, index } };
}

test('losses of a run resumed with more steps are kept only while its phase is the same', async () => {
  const steady = { ...config, stabilityWeight: 10, steps: 4 };
  const first = await trainer({ config: steady, engine: 'eager' });
  await run(first, 3);
  const resume = first.runState();
  const recent = (settings: Partial<TrainConfig>) =>
    recentOf({ resume, config: { ...steady, ...settings } } as NetworkTrainerOptions).length;
  assert.equal(recent({}), 1);
  assert.equal(recent({ steps: 5 }), 0);
  assert.equal(recent({ steps: 3 }), 1);
  assert.equal(recent({ stabilityFrom: 0.4 }), 0);
  first.dispose();
});

test('the plan measures steps of every phase and adds them up', async (t) => {
  const { openBatches } = await photosOf(await temporaryFolder(t));
  const long = { ...changing, steps: 100, smallCrops: 0.4, stabilityFrom: 0.7 };
  const of = await trainer({ config: long, openBatches });
  const before = of.runState();
  const probed = (await expectNoLeak(() => probeSteps(of, long)))!;
  assert.deepEqual(of.runState(), before);
  assert.deepEqual(
    probed.map(({ imageSize, stabilityWeight, steps }) => [imageSize, stabilityWeight, steps]),
    [
      [24, 0, 40],
      [48, 0, 30],
      [48, 10, 30],
    ],
  );
  assert.ok(probed.every(({ seconds }) => seconds > 0));
  of.dispose();
});

test('the plan says what steps of each phase take, and which phases there are', () => {
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
    { imageSize: 24, stabilityWeight: 0, steps: 400, seconds: 0.25 },
    { imageSize: 48, stabilityWeight: 0, steps: 300, seconds: 1 },
    { imageSize: 48, stabilityWeight: 10, steps: 300, seconds: 2 },
  ];
  const time = (of: typeof parts, steps: number) => describePlan({ plan, room }, of, steps)[1]!;
  assert.match(
    time(parts, 1000),
    /time {4}0\.25 s a step at 24 px, 1\.0 s a step at 48 px, 2\.0 s a step at 48 px with stability \(measured\), 17 min for 1000 steps/,
  );
  assert.match(
    time(parts.slice(0, 2), 700),
    /0\.25 s a step at 24 px, 1\.0 s a step at 48 px \(measured\), 7 min/,
  );
  assert.match(time(parts.slice(1), 600), /1\.0 s a step, 2\.0 s a step with stability \(measured\), 15 min/);
  assert.match(time(parts.slice(2), 300), /2\.0 s a step \(measured\), 10 min/);
  assert.equal(
    describePhases({ ...changing, steps: 60 }),
    'at 24, then 48 px, for stability from step 41 on,',
  );
  assert.equal(describePhases({ ...changing, smallCrops: 0, stabilityFrom: 0 }), 'at 48 px');
});

test('small crops that the architecture cannot paint are refused, unless the run is past them', async () => {
  const wide = { ...config, architecture: 'c3s1-4,d6,d6,d6,d6,u6,u6,u6,u4,c3s1-3', imageSize: 32 };
  await assert.rejects(
    trainer({ config: { ...wide, smallCrops: 0.5 } }),
    (error) =>
      error instanceof ConfigError && /crops of at least 32 px .* but received 16/.test(error.message),
  );
  const plain = await trainer({ config: wide, engine: 'eager' });
  await run(plain, 3);
  const past = await trainer({
    config: { ...wide, smallCrops: 0.5 },
    engine: 'eager',
    resume: plain.runState(),
  });
  assert.equal((await run(past)).length, 3);
  plain.dispose();
  past.dispose();
});
