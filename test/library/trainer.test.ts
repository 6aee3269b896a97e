/** The library's trainer, led by hand on tensors of the caller's own. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { ConfigError, Stylizer, Trainer, type TrainerOptions } from '../../src/index.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto, drawnPicture } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** The same two photos for ever, which their generator disposes of. */
function* photos(side: number) {
  for (;;) {
    const both = tf.tensor4d(Float32Array.from(drawnPicture(side, 2 * side, 5).pixels), [2, side, side, 3]);
    try {
      yield both;
    } finally {
      both.dispose();
    }
  }
}

async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const options: TrainerOptions = {
    photos,
    style: await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 }),
    lossNetwork: await writeTinyLossNetwork(join(folder, 'vgg.safetensors')),
    architecture: 'c3s1-4,c3s1-3',
    contentLayers: { relu2_2: 1 },
    styleLayers: { relu1_1: 1, relu2_1: 0.5 },
    ...{ styleWeight: 4, imageSize: 32, styleSize: 64, batch: 2, steps: 12, warmup: 1, learningRate: 5e-3 },
    ...{ averaging: 0, precision: 'f32' },
  };
  return { folder, options };
}

test('trains on tensors step by step, saves a style that paints, and leaks nothing', async (t) => {
  const { folder, options } = await workshop(t);
  const file = join(folder, 'mine.safetensors');
  await expectNoLeak(async () => {
    const style = new Blob([new Uint8Array(await readFile(options.style as string))]);
    const trainer = await Trainer.create({ ...options, style, name: 'wave' });
    const first = trainer.parameters();
    const totals: number[] = [];
    for await (const { step, steps, losses } of trainer.steps()) {
      assert.equal(steps, 12);
      totals.push(losses.total);
      if (step === 3) break;
    }
    assert.equal(trainer.stepsDone, 3);
    for await (const { losses } of trainer.steps()) totals.push(losses.total);
    assert.equal(trainer.stepsDone, 12);
    assert.equal(totals.length, 12);
    assert.ok(totals.at(-1)! < 0.9 * totals[0]!, `${totals}`);
    assert.notDeepEqual(trainer.parameters(), first);
    await trainer.save(file);
    await assert.rejects(trainer.save(file), /exists already/);
    trainer.dispose();
    trainer.dispose();
    assert.throws(() => trainer.parameters(), /disposed of/);
  });
  const { name, steps, images } = await loadCheckpoint(file);
  assert.deepEqual([name, steps, images], ['wave', 12, 24]);
  const stylizer = await Stylizer.load(file);
  const painted = await stylizer.stylize(drawnPicture(40, 30, 3));
  assert.deepEqual([painted.width, painted.height], [40, 30]);
  await stylizer.dispose();
});

test('sides change during training, photos may end, and invalid batches are refused', async (t) => {
  const { options } = await workshop(t);
  const sides: number[] = [];
  const growing = await Trainer.create({
    ...options,
    ...{ steps: 4, smallCrops: 0.5, imageSize: 64 },
    photos: (side) => {
      sides.push(side);
      return photos(side);
    },
  });
  for await (const _ of growing.steps());
  growing.dispose();
  assert.deepEqual(sides, [32, 64]);
  const few = await Trainer.create({
    ...options,
    async *photos(side) {
      yield { shape: [2, side, side, 3], data: async () => new Float32Array(2 * side * side * 3) };
    },
  });
  const seen: number[] = [];
  for await (const { step } of few.steps()) seen.push(step);
  few.dispose();
  assert.deepEqual(seen, [1]);
  const other = await Trainer.create({ ...options, photos: () => photos(16) });
  await assert.rejects(other.steps().next(), /shape \[2, 32, 32, 3\] but received \[2, 16, 16, 3\]/);
  other.dispose();
  const refused = (given: object, message: RegExp) =>
    assert.rejects(Trainer.create({ ...options, ...given }), (error: Error) => {
      assert.match(error.message, message);
      return error instanceof ConfigError;
    });
  await refused({ styelSize: 3 }, /perhaps you mean styleSize/);
  await refused({ resume: true }, /a setting of training but received resume/);
  await refused({ photos: undefined }, /a function that answers tensors for photos/);
});
