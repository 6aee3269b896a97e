import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { ConfigError } from '../../../src/system/errors.ts';
import type { NetworkTrainer, StepProgress } from '../../../src/train/trainer.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { relativeDistance } from '../../helpers/tensor-close.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';
import { config, deeper, onePhoto, run, trainer } from '../tiny-trainer.ts';

const photos = { pixels: drawnPicture(32, 64, 9).pixels, size: 32, count: 2 };

let atOnce: NetworkTrainer;
let whole: StepProgress[];
before(async () => {
  atOnce = await trainer({ config: deeper });
  whole = await run(atOnce);
});
after(() => atOnce.dispose());

for (const engine of ['compiled', 'eager'] as const) {
  test(`${engine}: a batch in parts is the same training as a batch at once`, async () => {
    const parts = await trainer({ config: deeper, accumulate: 2, engine });
    const split = await run(parts);
    split.forEach(({ losses }, i) => {
      const { total } = whole[i]!.losses;
      assert.ok(Math.abs(losses.total - total) < 1e-5 * total, `step ${i + 1}: ${losses.total}, ${total}`);
      for (const [layer, value] of Object.entries(whole[i]!.losses.styleLayers))
        assert.ok(Math.abs(losses.styleLayers[layer]! / value - 1) < 1e-4, `step ${i + 1}, ${layer}`);
    });
    const [one, other] = [atOnce.runState(), parts.runState()];
    assert.deepEqual(
      other.tensors.map(({ name }) => name),
      one.tensors.map(({ name }) => name),
      'the sums are no part of what is saved',
    );
    parts.dispose();
  });
}

test('photos as floats train as the same photos as bytes, to the bit, in parts and at once', async () => {
  const asFloats: typeof onePhoto = async function* () {
    for await (const batch of onePhoto()) yield { ...batch, pixels: Float32Array.from(batch.pixels) };
  };
  for (const accumulate of [1, 2]) {
    const [bytes, floats] = await Promise.all([
      trainer({ accumulate }),
      trainer({ accumulate, samples: 'floats', openBatches: asFloats }),
    ]);
    const [one, other] = [await run(bytes, 3), await run(floats, 3)];
    assert.deepEqual(
      other.map(({ losses }) => losses),
      one.map(({ losses }) => losses),
    );
    assert.deepEqual(floats.runState().tensors, bytes.runState().tensors);
    bytes.dispose();
    floats.dispose();
  }
});

test('gradients of parts are those of the whole batch', async () => {
  const [a, b] = [await trainer(), await trainer({ accumulate: 2 })];
  // Adam's first moments after a step are the gradients, times a tenth; what follows divides by their size.
  const moments = async (of: typeof a) => {
    await run(of, 1);
    const { tensors } = of.runState();
    return tensors.flatMap(({ name, values }) => (name.startsWith('adam.first/') ? [...values] : []));
  };
  const [whole, parts] = [await moments(a), await moments(b)];
  assert.ok(whole.some((value) => Math.abs(value) > 1e-3));
  assert.ok(relativeDistance(parts, whole) < 1e-5, `${relativeDistance(parts, whole)}`);
  a.dispose();
  b.dispose();
});

test('a run in parts resumes as a run at once, and the other way round', async () => {
  const first = await trainer();
  await run(first, 3);
  const resume = first.runState();
  const [whole, parts] = [await trainer({ resume }), await trainer({ resume, accumulate: 2 })];
  const [a, b] = [await run(whole), await run(parts)];
  assert.deepEqual(
    b.map(({ step }) => step),
    [4, 5, 6],
  );
  b.forEach(({ losses }, i) => {
    assert.ok(Math.abs(losses.total / a[i]!.losses.total - 1) < 1e-5);
  });
  for (const one of [first, whole, parts]) one.dispose();
});

test('an evaluation moves nothing and says what the next step would find without averaging', async () => {
  const losses = [];
  for (const accumulate of [1, 2]) {
    const of = await trainer({ evaluates: true, accumulate, config: { ...config, averaging: 0 } });
    await run(of, 2);
    const before = of.runState();
    losses.push(of.evaluate(photos));
    assert.deepEqual(of.runState(), before);
    const own = of.evaluate((await onePhoto().next()).value!);
    const [step] = await run(of, 1);
    assert.ok(Math.abs(step!.losses.total / own.total - 1) < 1e-4, `${step!.losses.total}, ${own.total}`);
    of.dispose();
  }
  assert.ok(Math.abs(losses[0]!.total / losses[1]!.total - 1) < 1e-5);
});

test('parts that do not divide the batch are refused, and nothing leaks', async () => {
  await expectNoLeak(async () => {
    for (const accumulate of [0, 3, 1.5])
      await assert.rejects(
        trainer({ accumulate }),
        (error) => error instanceof ConfigError && /parts that divide the batch of 2/.test(error.message),
      );
    const living = await trainer({ accumulate: 2, evaluates: true });
    await run(living, 1);
    await expectNoLeak(async () => {
      await run(living, 2);
      living.evaluate(photos);
      living.runState();
    });
    living.dispose();
  });
  const plain = await trainer();
  assert.throws(() => plain.evaluate(photos), /made without `evaluates`/);
  plain.dispose();
});
