/**
 * The price of steadiness: one small network per painting and setting of the stability term, trained on the same photos from
 * the same first weights, then held-out losses (crops of the held-out data set) and how steady its pictures are
 * (src/quality/steadiness.ts, on the project's samples and held-out photos). Writes a line of JSON per network, which is
 * not trained again, and one painted picture each; prints a Markdown table.
 *
 *   node --import tsx bench/stability.ts --loss-network <file> --data <train> --held-out <val> --out <folder> \
 *     --photos <folder> --painting wave.jpg:3.3 --painting scream.jpg:1.07 --run 0 --run 10 --run 10@noise:6 --run 10x420
 *
 * `--painting file:style weight`; `--run weight[@changes][xsteps][>steps before it begins]`.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { batches } from '../src/data/batches.ts';
import { openDataset } from '../src/data/dataset.ts';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { isPhotoName } from '../src/data/photo-files.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { type Steadiness, steadiness } from '../src/quality/steadiness.ts';
import { randomWindows } from '../src/quality/test-pictures.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { median } from '../src/train/guard/step-check.ts';
import type { DataPosition } from '../src/train/run/run-state.ts';
import { parseStabilityChanges } from '../src/train/stability-setting.ts';
import type { LossValues } from '../src/train/step/loss-values.ts';
import { NetworkTrainer } from '../src/train/trainer.ts';
import { jsonLines } from './json-lines.ts';
import { trainedStylizer } from './trained-stylizer.ts';

const { values: given } = parseArgs({
  options: {
    'loss-network': { type: 'string' },
    data: { type: 'string' },
    'held-out': { type: 'string' },
    photos: { type: 'string' },
    out: { type: 'string' },
    painting: { type: 'string', multiple: true },
    run: { type: 'string', multiple: true },
    architecture: { type: 'string', default: 'c9s1-8,d16,d32,R32x3,u16,u8,c9s1-3' },
    steps: { type: 'string', default: '600' },
    size: { type: 'string', default: '128' },
    seed: { type: 'string', default: '1' },
  },
});
const { data, out, photos: folder, painting: paintings = [], run: runs = [] } = given;
const [lossNetworkFile, heldOut] = [given['loss-network'], given['held-out']];
if (!lossNetworkFile || !data || !heldOut || !folder || !out || paintings.length * runs.length === 0)
  throw new Error('Expected --loss-network, --data, --held-out, --photos, --out, --painting and --run.');

interface Row {
  readonly painting: string;
  readonly run: string;
  readonly steps: number;
  readonly seconds: number;
  readonly content: number;
  readonly style: number;
  readonly tv: number;
  readonly steadiness: Steadiness;
}

mkdirSync(out, { recursive: true });
const file = join(out, 'stability.jsonl');
const rows = () => jsonLines<Row>(file);
const lossNetwork = await readLossNetworkWeights(lossNetworkFile);
const photos = [];
for (const name of (await readdir(folder)).filter(isPhotoName).sort().slice(0, 6))
  photos.push(await readPicture(join(folder, name), { shortSide: 288 }));
const sample = await readPicture(fileURLToPath(new URL('../samples/harbour.jpg', import.meta.url)), {
  longSide: 384,
});
const windows = [...randomWindows(photos, 256, photos.length), ...randomWindows([sample], 256, 2)];

for (const run of runs) {
  for (const one of paintings) {
    const [path = '', styleWeight = '4'] = one.split(':');
    const name = basename(path, extname(path));
    if (rows().some((row) => row.painting === name && row.run === run)) continue;
    appendFileSync(file, `${JSON.stringify(await train(path, name, Number(styleWeight), run))}\n`);
  }
}
print(rows());

async function train(path: string, name: string, styleWeight: number, run: string): Promise<Row> {
  const [plain = '', beginsAt = '0'] = run.split('>');
  const [settings = '', stepsText = given.steps] = plain.split('x');
  const [weight, changes] = settings.split('@');
  const config = parseTrainConfig({
    architecture: given.architecture,
    imageSize: Number(given.size),
    batch: 2,
    steps: Number(stepsText),
    warmup: 50,
    averaging: 0.99,
    styleSize: 384,
    styleWeight,
    // It moves texture, too; here one thing is changed at a time.
    latticeWeight: 0,
    stabilityWeight: Number(weight),
    stabilityFrom: Number(beginsAt) / Number(stepsText),
    seed: Number(given.seed),
    ...(changes === undefined ? {} : { stabilityChanges: parseStabilityChanges(changes) }),
  });
  const { imageSize, batch, seed, steps, architecture } = config;
  const dataset = await openDataset(data!);
  await dataset.close();
  const options = {
    config,
    painting: await readPicture(path, { longSide: config.styleSize }),
    lossNetwork,
    precision: 'f32' as const,
    dataset: dataset.id,
    openBatches: (position: DataPosition | undefined) =>
      batches({ dataset: data!, imageSize, batch, seed, ...(position === undefined ? {} : { position }) }),
    evaluates: true,
  };
  const trainer = await NetworkTrainer.create(options);
  const seconds: number[] = [];
  let last = performance.now();
  for await (const { step, losses } of trainer.steps()) {
    const now = performance.now();
    seconds.push((now - last) / 1000);
    last = now;
    if (step % 100 === 0) process.stderr.write(`${name} ${run} ${step}/${steps} ${JSON.stringify(losses)}\n`);
  }
  const found: LossValues[] = [];
  for await (const crops of batches({ dataset: heldOut!, imageSize, batch, seed: 5, flip: false })) {
    found.push(trainer.evaluate(crops));
    if (found.length === 16) break;
  }
  const mean = (term: 'content' | 'style' | 'tv') =>
    found.reduce((sum, losses) => sum + losses[term], 0) / found.length;
  const stylizer = trainedStylizer(trainer, architecture, name, path);
  trainer.dispose();
  try {
    const stylize = (picture: (typeof windows)[number]) => stylizer.stylize(picture);
    const picture = join(out!, `${name}-${run.replace(/[^\w.]+/g, '-')}.png`);
    await writePicture(picture, stylize(sample), { overwrite: true });
    return {
      painting: name,
      run,
      steps,
      seconds: median(seconds.slice(5)),
      content: mean('content'),
      style: mean('style'),
      tv: mean('tv'),
      steadiness: await steadiness({ stylize, photos: windows }),
    };
  } finally {
    stylizer.dispose();
  }
}

function print(all: readonly Row[]): void {
  const names = all[0]?.steadiness.changes.map(({ name }) => name) ?? [];
  const header = ['painting', 'run', 'steps', 's/step', 'content', 'style', 'texture', ...names];
  process.stdout.write(`| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|\n`);
  for (const { painting, run, steps, seconds, content, style, steadiness: found } of all) {
    const cells = [painting, run, steps, seconds.toFixed(3), content.toFixed(3), style.toFixed(4)];
    const figures = found.changes.map(({ rms, relative }) => `${rms.toFixed(1)} (${relative.toFixed(2)})`);
    process.stdout.write(`| ${[...cells, found.texture.toFixed(1), ...figures].join(' | ')} |\n`);
  }
}
