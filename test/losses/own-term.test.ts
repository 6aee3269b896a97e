/** A term of one's own is one object: training, optimisation and comparison weigh it and show it without knowing of it. */

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { parityMarkdown } from '../../src/compare/parity-report.ts';
import { photoParity } from '../../src/compare/photo-parity.ts';
import { trainingObjective } from '../../src/compare/training-objective.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import type { Term } from '../../src/losses/term.ts';
import { DEFAULT_OPTIMIZE_CONFIG } from '../../src/optimize/config.ts';
import { optimizePixels } from '../../src/optimize/optimization.ts';
import { RunRecord } from '../../src/optimize/run/record.ts';
import type { Picture } from '../../src/picture.ts';
import { readLog } from '../../src/report/read-log.ts';
import { writeReport } from '../../src/report/run-report.ts';
import { rewriteTensorBoard } from '../../src/report/tensorboard.ts';
import { watchTraining } from '../../src/report/watch-training.ts';
import { parseTrainConfig } from '../../src/train/config.ts';
import { eventFiles, readLogText } from '../../src/train/run/run-folder.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';
import { pageData } from '../report/run-in-folder.ts';
import { config, run, trainer } from '../train/tiny-trainer.ts';
import { trainIn } from '../train/train-in-folder.ts';

/** Mean brightness, 0 to 1: it darkens what is painted. */
const brightness: Term = {
  name: 'brightness',
  weight: 50,
  layers: {},
  value: (picture) => tf.tidy(() => tf.div(tf.mean(picture), 255) as tf.Scalar),
};
const terms = [brightness];
const lossNetwork = tinyLossNetwork();
const photo = drawnPicture(40, 36, 1);
const painting = drawnPicture(48, 40, 2);

const meanOf = ({ pixels }: Pick<Picture, 'pixels'>) =>
  pixels.reduce((sum, value) => sum + value, 0) / pixels.length / 255;

test('training weighs it, whole and in parts, logs it under its name and follows it', async () => {
  const last: number[] = [];
  for (const given of [{ terms }, { terms, accumulate: 2 }, {}]) {
    const living = await trainer({ ...given, config: { ...config, steps: 12, averaging: 0 } });
    const progress = await run(living);
    const losses = progress.at(-1)!.losses as unknown as Readonly<Record<string, number>>;
    if (given.terms !== undefined) {
      const { contentWeight, styleWeight, tvWeight, latticeWeight } = config;
      const others = contentWeight * losses.content! + styleWeight * losses.style! + tvWeight * losses.tv!;
      const sum = others + latticeWeight * losses.lattice! + 50 * losses.brightness!;
      assert.ok(Math.abs(losses.total! - sum) < 1e-4 * sum, `${losses.total} for ${sum}`);
    } else assert.equal(losses.brightness, undefined);
    const sample = { pixels: drawnPicture(32, 32, 6).pixels as Uint8Array, size: 32, count: 1 };
    const seen = await trainer({
      ...given,
      config: living.runState().config,
      resume: living.runState(),
      evaluates: true,
    });
    const found = seen.evaluate(sample) as unknown as Readonly<Record<string, number>>;
    assert.equal(found.brightness !== undefined, given.terms !== undefined);
    last.push(losses.brightness ?? Number.NaN);
    seen.dispose();
    living.dispose();
  }
  assert.ok(Math.abs(last[0]! - last[1]!) < 1e-3 * last[0]!, 'in parts as in one piece');
});

test("training's log, report and TensorBoard have it, the report as it is weighed", async (t) => {
  const folder = await temporaryFolder(t);
  const runFolder = join(folder, 'run');
  const living = await trainer({ terms });
  const description = { name: 'tiny', style: {}, architecture: '', lossNetwork: {}, software: {} };
  const watched = {
    ...{ config, trainer: living, precision: 'f32' as const, photos: 2, previewPhotos: [] },
    ...{ paintings: [{ name: 'tiny', file: 'tiny.png', painting, thumbnail: '' }] },
    description: { ...description, training: {} },
  };
  const subject = { name: 'tiny', runFolder, together: false };
  const said: string[] = [];
  await mkdir(runFolder);
  await watchTraining(watched, { subject, tensorboard: false, command: '', say: (line) => said.push(line) });
  await trainIn(folder, living);
  living.dispose();
  assert.deepEqual(said, []);
  const [logged] = readLog(await readLogText(runFolder)).points.slice(-1);
  const { brightness: found, total } = logged!.values;
  assert.ok(found! > 0 && 50 * found! < total!);
  const [lossChart] = pageData(await readFile(await writeReport(runFolder), 'utf8')).charts;
  const curve = lossChart!.curves.find(({ name }) => name === 'brightness');
  assert.equal(curve!.values.at(-1), Number((50 * found!).toPrecision(6)));
  await rewriteTensorBoard(runFolder);
  const [file] = await eventFiles(runFolder);
  assert.ok((await readFile(join(runFolder, file!))).includes('loss/brightness'));
});

test('optimisation follows it and says what it is, in trace and plot, too', async (t) => {
  const folder = await temporaryFolder(t);
  const results = [];
  for (const own of [terms, undefined]) {
    const files = { out: join(folder, 'out.png'), overwrite: true };
    const [plot, trace] = [join(folder, 'plot.svg'), join(folder, 'trace.json')];
    const facts = { width: 40, height: 36, iterations: 8, title: '' };
    const record = await RunRecord.open({ ...files, plot, trace }, facts);
    const steps = optimizePixels(
      {
        ...DEFAULT_OPTIMIZE_CONFIG,
        contentLayers: { relu3_1: 1 },
        styleLayers: { relu1_1: 1 },
        iterations: 8,
      },
      { lossNetwork, content: photo, styles: [{ picture: painting }], terms: own },
    );
    for (;;) {
      const { value, done } = await steps.next();
      if (!done) {
        await record.add(value);
        continue;
      }
      results.push(value);
      await record.finish(value.picture, {});
      break;
    }
    record.throwFailure();
    const { trace: lines } = JSON.parse(await readFile(trace, 'utf8')) as {
      trace: { terms: { brightness?: number } }[];
    };
    assert.equal(lines.length, 9);
    for (const line of lines) assert.equal(line.terms.brightness !== undefined, own !== undefined);
    assert.equal((await readFile(plot, 'utf8')).includes('50 · brightness'), own !== undefined);
  }
  const [darkened, plain] = results as [(typeof results)[number], (typeof results)[number]];
  const { brightness: found } = darkened.terms as unknown as { brightness: number };
  assert.ok(Math.abs(found - meanOf(darkened.picture)) < 5e-3, `${found} for ${meanOf(darkened.picture)}`);
  assert.ok(meanOf(darkened.picture) < meanOf(plain.picture) - 0.1);
});

test('comparison judges by it', async () => {
  const training = { ...parseTrainConfig({ styleSize: 48 }) };
  const checkpoint = { name: 'tiny', style: {}, training, lossNetwork: { source: 'drawn' } };
  const judge = (own: readonly Term[] | undefined) =>
    photoParity({
      config: { ...trainingObjective(checkpoint, 40).config, start: { kind: 'content' } },
      lossNetwork,
      photo,
      painting,
      paint: () => painted,
      at: [1],
      terms: own,
    });
  const painted = drawnPicture(40, 36, 5);
  const [withIt, without] = [await judge(terms), await judge(undefined)];
  for (const of of ['photo', 'network'] as const) {
    const added = withIt[of].total - without[of].total;
    assert.ok(Math.abs(added - 50 * meanOf(without[of].picture)) < 1e-3 * added, `${of}: ${added}`);
  }
  const markdown = parityMarkdown({
    ...{ style: 'tiny', conditions: [], at: [1] },
    sizes: [{ size: 40, lineSearch: 'strong-wolfe', photos: [{ ...withIt, name: 'a' }] }],
  });
  assert.match(markdown, /^\| px \| steps \| of \| content \| style \| tv \| lattice \| brightness \|$/m);
  const weighed = (50 * meanOf(painted)).toPrecision(4);
  assert.match(markdown, new RegExp(`\\| network \\| .* \\| ${weighed} \\|$`, 'm'));
});
