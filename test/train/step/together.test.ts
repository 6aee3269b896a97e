import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { parametersOfStyle } from '../../../src/networks/conditional-parameters.ts';
import { loadRunState, saveRunState } from '../../../src/train/run/run-state.ts';
import { meansByStyle, stylesOfPhotos } from '../../../src/train/step/style-losses.ts';
import type { StyleTarget } from '../../../src/train/step/style-targets.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { relativeDistance } from '../../helpers/tensor-close.ts';
import { drawnPicture, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { config, deeper, fromDataset, painting, run, trainer } from '../tiny-trainer.ts';

const styles: readonly StyleTarget[] = [
  { name: 'first', painting, styleWeight: 4 },
  { name: 'second', painting: drawnPicture(40, 56, 78), styleWeight: 1 },
  { name: 'third', painting: drawnPicture(50, 50, 79), styleWeight: 2 },
];

test('every style comes once in a round, in an order that a resumed run continues', () => {
  const whole = stylesOfPhotos(3, 5, 0, 100);
  for (let round = 0; round < 20; round++)
    assert.deepEqual(whole.slice(5 * round, 5 * round + 5).toSorted(), [0, 1, 2, 3, 4]);
  assert.deepEqual(stylesOfPhotos(3, 5, 37, 20), whole.slice(37, 57));
  assert.notDeepEqual(stylesOfPhotos(4, 5, 0, 100), whole);
  const firsts = new Set(Array.from({ length: 20 }, (_, round) => whole[5 * round]));
  assert.equal(firsts.size, 5, 'no style is always first');
});

test('a network of one style of several is the ordinary one', async () => {
  const [alone, only] = [
    await trainer(),
    await trainer({ painting: [{ ...styles[0]!, styleWeight: config.styleWeight }] }),
  ];
  const [a, b] = [await run(alone), await run(only)];
  a.forEach(({ losses }, i) => {
    const { photos, total, content } = b[i]!.losses;
    assert.ok(relativeDistance([total, content], [losses.total, losses.content]) < 1e-5, `step ${i + 1}`);
    assert.deepEqual(
      photos!.map(({ styleNumber }) => styleNumber),
      [0, 0],
    );
  });
  const mixed = parametersOfStyle(only.parameters(), 0);
  alone.parameters().forEach(({ name, shape, values }, i) => {
    assert.deepEqual([mixed[i]!.name, mixed[i]!.shape], [name, shape]);
    assert.ok(relativeDistance(mixed[i]!.values, values) < 1e-4, name);
  });
  alone.dispose();
  only.dispose();
});

test('several styles: compiled as op by op, whole as in parts; each photo with its own painting and weight', async () => {
  const options = { painting: styles, config: { ...deeper, batch: 2, steps: 5 } };
  const made = [
    await trainer(options),
    await trainer({ ...options, engine: 'eager' }),
    await trainer({ ...options, accumulate: 2 }),
  ];
  const [compiled, eager, parts] = [await run(made[0]!), await run(made[1]!), await run(made[2]!)];
  compiled.forEach(({ losses }, i) => {
    for (const other of [eager!, parts!]) {
      const same = other[i]!.losses;
      assert.ok(Math.abs(losses.total - same.total) < 1e-3 * losses.total, `step ${i + 1}`);
      assert.deepEqual(
        same.photos!.map(({ styleNumber }) => styleNumber),
        losses.photos!.map(({ styleNumber }) => styleNumber),
      );
    }
    const mean = losses.photos!.reduce((sum, photo) => sum + photo.total, 0) / 2;
    assert.ok(Math.abs(losses.total - mean) < 1e-4 * mean, 'the mean of its photos');
    for (const { styleNumber, total, content, style, tv, lattice } of losses.photos!) {
      const { contentWeight, tvWeight, latticeWeight } = config;
      const { styleWeight } = styles[styleNumber]!;
      const sum = contentWeight * content + styleWeight * style + tvWeight * tv + latticeWeight * lattice!;
      assert.ok(Math.abs(total - sum) < 1e-4 * sum, "the total is weighed by the photo's own style");
    }
  });
  const byStyle = meansByStyle(
    compiled.map(({ losses }) => losses),
    styles.map(({ name }) => name),
  );
  assert.deepEqual(Object.keys(byStyle), ['first', 'second', 'third']);
  // Each style has moved its own scales and offsets away from the others'.
  const scale = made[0]!.parameters().find(({ name }) => name === 'layers.0.scale')!;
  assert.deepEqual(scale.shape, [3, 4]);
  const [a, b, c] = [0, 1, 2].map((i) => [...scale.values.slice(4 * i, 4 * i + 4)]);
  assert.notDeepEqual(a, b);
  assert.notDeepEqual(b, c);
  for (const each of made) each.dispose();
});

test('a run of several styles resumed from its files continues exactly, and only with the same styles', async (t) => {
  const folder = await temporaryFolder(t);
  const openBatches = fromDataset(await tinyDataset(folder, 5));
  const straight = await trainer({ painting: styles, openBatches });
  const whole = await run(straight);
  const broken = await trainer({ painting: styles, openBatches });
  const first = await run(broken, 2);
  await saveRunState(join(folder, 'run'), broken.runState());
  broken.dispose();
  const { state } = await loadRunState(join(folder, 'run'));
  assert.deepEqual(
    state.styles,
    styles.map(({ name, styleWeight }) => ({ name, styleWeight })),
  );
  const resumed = await trainer({ painting: styles, openBatches, resume: state });
  assert.deepEqual([...first, ...(await run(resumed))], whole);
  assert.deepEqual({ ...resumed.runState(), run: '' }, { ...straight.runState(), run: '' });
  straight.dispose();
  resumed.dispose();
  await expectNoLeak(async () => {
    const [a, b, c] = styles as [StyleTarget, StyleTarget, StyleTarget];
    for (const other of [[a, c, b], [a, b], painting, [a, b, { ...c, painting }]])
      await assert.rejects(
        trainer({ painting: other, openBatches, resume: state }),
        /the run's styles \(first, second, third\)|the painting/,
      );
  });
});

test('several styles and stability: each photo is painted twice in its own style, and weighed by it', async () => {
  const steady = { ...config, steps: 8, stabilityWeight: 10, stabilityFrom: 0.5 };
  const made = [
    await trainer({ painting: styles, config: steady }),
    await trainer({ painting: styles, config: steady, engine: 'eager' }),
  ] as const;
  const [compiled, eager] = [await run(made[0]), await run(made[1])];
  compiled.forEach(({ losses }, i) => {
    assert.equal(losses.stability !== undefined, i >= 4, `step ${i + 1}: it begins half-way`);
    const same = eager[i]!.losses;
    assert.ok(Math.abs(losses.total - same.total) < 2e-3 * losses.total, `step ${i + 1}`);
    for (const [photo, { styleNumber, total, stability, ...terms }] of losses.photos!.entries()) {
      assert.equal(styleNumber, same.photos![photo]!.styleNumber);
      const { contentWeight, tvWeight, latticeWeight } = config;
      const { styleWeight } = styles[styleNumber]!;
      const seen = contentWeight * terms.content + styleWeight * terms.style + tvWeight * terms.tv;
      const sum = seen + latticeWeight * terms.lattice! + 10 * (stability ?? 0);
      assert.ok(Math.abs(total - sum) < 1e-4 * sum, `step ${i + 1}: ${total} for ${sum}`);
      if (i >= 4) assert.ok(stability! > 0.01 && stability! < 1.5, `${stability}`);
    }
  });
  for (const each of made) each.dispose();
});

test('an added style trains only scales and offsets, from the given ones, and the base is bound to the run', async () => {
  const first = await trainer();
  await run(first);
  const base = first.parameters();
  first.dispose();
  const adding = { painting: styles[1]!.painting, addTo: base };
  await expectNoLeak(async () => {
    for (const engine of ['compiled', 'eager'] as const) {
      const added = await trainer({ ...adding, engine, config: { ...config, steps: 12, averaging: 0 } });
      const sorted = (of: typeof base) => of.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(sorted(added.parameters()), sorted(base), 'before the first step');
      const progress = await run(added);
      assert.ok(progress.at(-1)!.losses.total < progress[0]!.losses.total);
      const trained = new Map(added.parameters().map((parameter) => [parameter.name, parameter]));
      for (const { name, values } of base) {
        const isOwn = /scale|offset/.test(name);
        assert.equal(relativeDistance(trained.get(name)!.values, values) > 0, isOwn, name);
      }
      const state = added.runState();
      assert.ok(
        state.tensors.every(({ name }) => !name.includes('kernel')),
        'nothing frozen is saved',
      );
      assert.deepEqual(
        sorted(added.currentParameters(state)).map(({ name }) => name),
        sorted(base).map(({ name }) => name),
      );
      added.dispose();
      const other = base.map((each) => ({ ...each, values: each.values.map((value) => value + 1) }));
      await assert.rejects(
        trainer({ ...adding, addTo: other, resume: state }),
        /the network to which the run adds a style/,
      );
    }
  });
});

test('several styles leak nothing', async () => {
  for (const engine of ['compiled', 'eager'] as const) {
    await expectNoLeak(async () => {
      const living = await trainer({ engine, painting: styles, accumulate: 2, evaluates: true });
      await run(living, 1);
      await expectNoLeak(async () => {
        await run(living, 2);
        const { pixels } = drawnPicture(32, 64, 5);
        const batch = { pixels, size: 32, count: 2 };
        assert.notEqual(living.evaluate(batch, 0).style, living.evaluate(batch, 1).style);
        living.currentParameters(living.runState(), 2);
      });
      living.dispose();
    });
  }
});
