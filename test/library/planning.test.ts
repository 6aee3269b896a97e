/** What comes before a training, through the library: the same figures as the command line's. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readPicture } from '../../src/data/image-file.ts';
import { type CalibrateOptions, ConfigError, calibrate, planTraining } from '../../src/index.ts';
import { callCommand } from '../helpers/call-command.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const ARCHITECTURE = 'c3s1-4,c3s1-3';

/** A painting, data and a loss network, as options and as words of the command line. */
async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const style = await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const data = await tinyDataset(folder, 5);
  const lossNetwork = await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  const options = {
    ...{ style, data, lossNetwork, architecture: ARCHITECTURE, from: 'none', imageSize: 32, batch: 2 },
    ...{ contentLayers: { relu2_2: 1 }, styleLayers: { relu1_1: 1, relu2_1: 0.5 } },
  };
  const words = [
    ...['--style', style, '--data', data, '--loss-network', lossNetwork, '--architecture', ARCHITECTURE],
    ...['--from', 'none', '--image-size', '32', '--batch', '2'],
    ...['--content-layers', 'relu2_2', '--style-layers', 'relu1_1,relu2_1:0.5'],
  ];
  return { folder, options, words };
}

test('the library calibrates to the same figures and pictures as the command line, and leaves nothing behind', async (t) => {
  const { folder, options, words } = await workshop(t);
  const before = await readdir(folder);
  const grid = { strengths: [3], styleSizes: [48], photos: 2, trySteps: 2 };
  const seen: number[] = [];
  const once = (more: Partial<CalibrateOptions> = {}) =>
    calibrate({ ...options, ...grid, ...more }, { onProgress: ({ done, cells }) => seen.push(done, cells) });
  const found = await once();
  assert.deepEqual(seen, [0.5, 1, 1, 1]);
  assert.equal(found.files, undefined);
  assert.deepEqual(await readdir(folder), before, 'nothing is written unless a sheet is asked for');
  for (const { pictures, train } of found.cells) {
    assert.deepEqual(
      pictures.map(({ width, height }) => [width, height]),
      found.photos.map(() => [32, 32]),
    );
    assert.match(train, /^await train\(\{ …the same options, strength: 3, styleSize: 48 \}\);$/);
  }
  const sheet = join(folder, 'grid.png');
  const typed = await callCommand([
    ...['calibrate', ...words, '--out', sheet],
    ...['--strengths', '3', '--style-sizes', '48', '--photos', '2', '--try-steps', '2'],
  ]);
  assert.equal(typed.code, 0, typed.stderr);
  const { cells } = JSON.parse(await readFile(join(folder, 'grid.json'), 'utf8'));
  const figures = ({ strength, styleSize, styleWeight, losses }: (typeof found.cells)[number]) => [
    ...[strength, styleSize, styleWeight, losses],
  ];
  assert.deepEqual(found.cells.map(figures), cells.map(figures));
  await expectNoLeak(async () => {
    const out = join(folder, 'mine.png');
    assert.deepEqual((await once({ out })).files, { sheet: out, figures: join(folder, 'mine.json') });
    assert.deepEqual(await readPicture(out), await readPicture(sheet));
  });
});

test('a calibration that is aborted writes nothing', async (t) => {
  const { folder, options } = await workshop(t);
  const before = await readdir(folder);
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const aborted = calibrate(
    { ...options, out: join(folder, 'grid.png'), strengths: [3], styleSizes: [48], trySteps: 5 },
    { signal: stop.signal, onProgress: ({ done }) => done >= 0.4 && stop.abort(reason) },
  );
  await assert.rejects(aborted, reason);
  assert.deepEqual(await readdir(folder), before);
});

test('the library plans what the command line does, and writes nothing', async (t) => {
  const { folder, options, words } = await workshop(t);
  const before = await readdir(folder);
  const run = { out: join(folder, 'out'), run: join(folder, 'run') };
  const training = { ...options, ...run, styleSize: 48, steps: 30 };
  const notes: string[] = [];
  const plan = await planTraining(training, { onNote: (note) => notes.push(note) });
  assert.match(notes.join('\n'), /Strength 5 is a style weight of/);
  const more = ['--out', run.out, '--run', run.run, '--style-size', '48', '--steps', '30'];
  const typed = await callCommand(['train', ...words, ...more, '--plan', '--json']);
  assert.equal(typed.code, 0, typed.stderr);
  const { event, ...said } = JSON.parse(typed.stdout) as typeof plan & { event: string };
  assert.equal(event, 'plan');
  assert.deepEqual(Object.keys(plan), Object.keys(said));
  assert.deepEqual([plan.steps, plan.memory, plan.disk], [said.steps, said.memory, said.disk]);
  assert.ok(Math.abs(plan.seconds! - 30 * plan.secondsPerStep!) < 1e-9 && plan.seconds! > 0);
  // Too few steps to measure one.
  const short = await planTraining({ ...training, steps: 2 });
  assert.deepEqual([short.steps, short.seconds, short.secondsPerStep], [2, null, null]);
  await assert.rejects(planTraining({ ...training, plan: true } as typeof training), /received plan/);
  await assert.rejects(planTraining({ ...training, steps: 0 }), ConfigError);
  assert.deepEqual(await readdir(folder), before);
});
