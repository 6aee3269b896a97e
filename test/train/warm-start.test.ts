import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { FULL_WIDTH } from '../../src/networks/architecture.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { CheckpointError, ConfigError, FileError } from '../../src/system/errors.ts';
import { DEFAULT_TRAIN_CONFIG } from '../../src/train/config.ts';
import { configOf, type TrainCall } from '../../src/train/run/inputs.ts';
import type { RunState } from '../../src/train/run/run-state.ts';
import type { NetworkTrainer } from '../../src/train/trainer.ts';
import { checkSameOrigin, checkWarmStart, readWarmStart } from '../../src/train/warm-start.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { config, deeper, run, trainer } from './tiny-trainer.ts';

const silent = { say: () => undefined };
const valuesOf = (of: RunState, prefix: string) =>
  of.tensors.filter(({ name }) => name.startsWith(prefix)).map(({ values }) => values);

test('a run starts from a style’s weights, its own moments and step, and says from where', async (t) => {
  const file = await writeTinyCheckpoint(
    join(await temporaryFolder(t), 'a.safetensors'),
    config.architecture,
  );
  const warmStart = await readWarmStart(file);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const origin = { name: 'tiny', sha256, steps: 3, images: 12 };
  assert.deepEqual(warmStart.origin, origin);
  const { parameters } = await loadCheckpoint(file);
  await expectNoLeak(async () => {
    const of = await trainer({ warmStart });
    const state = of.runState();
    const weights = parameters.map(({ values }) => values);
    assert.deepEqual(valuesOf(state, 'parameters/'), weights);
    assert.deepEqual(valuesOf(state, 'averaged/'), weights);
    assert.deepEqual(of.parameters(), parameters);
    for (const values of valuesOf(state, 'adam.first/')) assert.ok(values.every((value) => value === 0));
    assert.deepEqual([state.step, state.images], [0, 0]);
    assert.deepEqual(of.legs, [{ step: 0, images: 0, config, from: origin }]);
    await run(of, 2);
    const resume = of.runState();
    of.dispose();
    // What it goes on with is its own, whatever it is given to start from.
    const resumed = await trainer({ resume, warmStart });
    assert.deepEqual(resumed.runState(), resume);
    assert.deepEqual(resumed.legs, of.legs);
    resumed.dispose();
  });
});

test('starting from the result of a run loses as little as the run did in the end', async (t) => {
  const long = { ...config, steps: 20 };
  const [drawn, folder] = [await trainer({ config: long }), await temporaryFolder(t)];
  const losses = await run(drawn);
  const [first, last] = [losses[0]!.losses.total, losses.at(-1)!.losses.total];
  const warmStart = await readWarmStart(
    await writeTinyCheckpoint(join(folder, 'b.safetensors'), config.architecture),
  );
  const warm = await trainer({ warmStart: { ...warmStart, parameters: drawn.parameters() } });
  const [again] = await run(warm, 1);
  assert.ok(again!.losses.total < (first + last) / 2, `${first} to ${last}, then ${again!.losses.total}`);
  for (const each of [drawn, warm] as NetworkTrainer[]) each.dispose();
});

test('a wider network starts by painting what the style does, and learns from there', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeTinyCheckpoint(join(folder, 'a.safetensors'), deeper.architecture);
  const warmStart = await readWarmStart(file);
  const wide = { ...deeper, architecture: 'c3s1-8,d12,u8,c3s1-3' };
  await expectNoLeak(async () => {
    const narrow = await trainer({ warmStart, config: deeper });
    const wider = await trainer({ warmStart, config: wide });
    const [own] = await run(narrow, 1);
    const progress = await run(wider, 2);
    const [total, grown] = [own!.losses.total, progress[0]!.losses.total];
    assert.ok(Math.abs(grown - total) < 1e-3 * total, `${grown} after widening, ${total} before`);
    assert.ok(progress[1]!.losses.total < grown);
    // Its first convolution's copies were the same, and what reads them was not.
    const { values } = wider.parameters().find(({ name }) => name === 'layers.0.kernel')!;
    assert.notDeepEqual(
      values.filter((_, i) => i % 8 === 0),
      values.filter((_, i) => i % 8 === 4),
    );
    for (const each of [narrow, wider]) each.dispose();
  });
});

test('weights of another architecture are refused; the same one may be written otherwise', async (t) => {
  const folder = await temporaryFolder(t);
  const warmStart = await readWarmStart(
    await writeTinyCheckpoint(join(folder, 'a.safetensors'), 'c3s1-4,d6,R6,R6,u4,c3s1-3'),
  );
  checkWarmStart(warmStart, 'c3s1-4,d6,R6x2,u4,c3s1-3');
  await expectNoLeak(() =>
    assert.rejects(
      trainer({ warmStart }),
      (error) =>
        error instanceof ConfigError &&
        /the architecture of tiny \(c3s1-4,d6,R6,R6,u4,c3s1-3\)/.test(error.message),
    ),
  );
  await assert.rejects(readWarmStart(join(folder, 'none.safetensors')), FileError);
  const broken = join(folder, 'broken.safetensors');
  await writeFile(broken, 'not a style');
  await assert.rejects(readWarmStart(broken), CheckpointError);
});

test('a warm start brings its architecture and no warm-up; what is given wins where it fits', async (t) => {
  const from = await writeTinyCheckpoint(
    join(await temporaryFolder(t), 'wave.safetensors'),
    config.architecture,
  );
  const of = async (given: Readonly<Record<string, unknown>>) =>
    (await configOf({ from, settings: given } as unknown as TrainCall, undefined, 5, silent)).config;
  const { architecture, warmup, learningRate } = await of({});
  assert.deepEqual([architecture, warmup], [config.architecture, 0]);
  assert.equal(learningRate, DEFAULT_TRAIN_CONFIG.learningRate);
  assert.equal((await of({ warmup: 7, architecture: config.architecture })).warmup, 7);
  await assert.rejects(
    of({ architecture: deeper.architecture }),
    /the architecture of tiny .* received c3s1-4,d6,u4,c3s1-3/,
  );
});

test('by default a run starts from the shipped great-wave, where its architecture allows', async () => {
  const startOf = async (given: Readonly<Record<string, unknown>>, resume?: RunState) => {
    const { architecture, ...call } = given;
    const settings = architecture === undefined ? {} : { architecture };
    return (await configOf({ ...call, settings } as unknown as TrainCall, resume, 5, silent)).warmStart
      ?.origin.name;
  };
  assert.equal(await startOf({}), 'great-wave');
  assert.equal(await startOf({ architecture: FULL_WIDTH }), 'great-wave');
  assert.equal(await startOf({ architecture: 'c3s1-4,c3s1-3' }), undefined);
  assert.equal(await startOf({ from: 'none' }), undefined);
  assert.equal(await startOf({ together: true }), undefined);
  assert.equal(await startOf({ addTo: 'pair.safetensors' }), undefined);
  assert.equal(
    await startOf({}, { config: DEFAULT_TRAIN_CONFIG, legs: [] } as unknown as RunState),
    undefined,
  );
});

test('naming the start of a run again is fine, naming another is refused', () => {
  const origin = { name: 'wave', sha256: 'abc', steps: 1, images: 4 };
  const legs = [
    { step: 0, images: 0, config, from: origin },
    { step: 5, images: 10, config },
  ];
  const start = (sha256: string) => ({ origin: { ...origin, sha256 }, architecture: '', parameters: [] });
  checkSameOrigin(start('abc'), legs);
  assert.throws(
    () => checkSameOrigin(start('abd'), legs),
    /the file of wave with SHA-256 abc.*--from wave \(abd\)/,
  );
  assert.throws(() => checkSameOrigin(start('abc'), legs.slice(1)), /drawn weights.*omit --from/);
});
