/**
 * One thing changed at a time: trains the variants of `training-tryouts-variants.ts` for the same number of steps and
 * judges each on held-out photos, by one objective for all (that of the first), and by the measures of `styles check`.
 * Appends a line of JSON per training to --results, skips those that are there, and prints a Markdown table.
 *
 *   nice -n 19 node --import tsx bench/training-tryouts.ts --painting scream.jpg --style-weight 1.07 --data datasets/coco \
 *     --loss-network vgg19 --photos held-out/ --results tryouts.jsonl
 *
 * Options: --steps (500), --only <variant;variant>. Steps are compared, not seconds, so trainings may run next to other work;
 * the seconds of a step are medians and say little then.
 */
import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { batches, openDataset } from '../src/data/batches.ts';
import { readPicture } from '../src/data/image-file.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { measureFaults } from '../src/quality/faults.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { median } from '../src/train/guard/step-check.ts';
import type { DataPosition } from '../src/train/run/run-state.ts';
import type { LossValues } from '../src/train/step/loss-values.ts';
import { NetworkTrainer } from '../src/train/trainer.ts';
import { readWarmStart } from '../src/train/warm-start.ts';
import { heldOutLosses, squarePhotos } from './held-out-photos.ts';
import { jsonLines } from './json-lines.ts';
import { trainedStylizer } from './trained-stylizer.ts';
import { COMMON, TRYOUTS, type Tryout } from './training-tryouts-variants.ts';

const text = { type: 'string' } as const;
const { values: given } = parseArgs({
  options: {
    painting: text,
    'style-weight': { ...text, default: '4' },
    data: text,
    'loss-network': text,
    photos: text,
    results: text,
    steps: { ...text, default: '500' },
    only: text,
  },
});
const { painting: paintingFile, data, photos: folder, results } = given;
if (!paintingFile || !data || !folder || !results || !given['loss-network'])
  throw new Error('Expected --painting, --data, --loss-network, --photos and --results.');

/** What a training came to. */
interface Row {
  readonly painting: string;
  readonly name: string;
  readonly steps: number;
  readonly seconds: number;
  readonly losses: LossValues;
  readonly measures: Readonly<Record<string, number>>;
}

const SHOWN = [
  'lattice of 4 px',
  'border colour, even',
  'dots',
  'clipped values',
  'colour distance',
] as const;
const rows = (): Row[] => jsonLines<Row>(results);
const lossNetwork = await readLossNetworkWeights(given['loss-network']);
const steps = Number(given.steps);
const common = { ...COMMON, steps, styleWeight: Number(given['style-weight']) };
const photos = await squarePhotos(folder, 16, 320);
const painting = basename(paintingFile);
const only = given.only?.split(';');
for (const tryout of TRYOUTS) {
  if (!(only?.includes(tryout.name) ?? true)) continue;
  if (rows().some((row) => row.painting === painting && row.name === tryout.name && row.steps === steps))
    continue;
  appendFileSync(results, `${JSON.stringify(await train(tryout))}\n`);
}
print(rows());

async function train({ name, config: changes, from }: Tryout): Promise<Row> {
  const config = parseTrainConfig({ ...common, ...changes });
  const { batch, seed } = config;
  const dataset = await openDataset(data!);
  await dataset.close();
  const trainer = await NetworkTrainer.create({
    config,
    painting: await readPicture(paintingFile!, { longSide: config.styleSize }),
    lossNetwork,
    precision: 'f32',
    dataset: dataset.id,
    openBatches: (position: DataPosition | undefined, imageSize: number) =>
      batches({ dataset: data!, imageSize, batch, seed, ...(position === undefined ? {} : { position }) }),
    ...(from === undefined ? {} : { warmStart: await readWarmStart(from) }),
  });
  const seconds: number[] = [];
  let last = performance.now();
  for await (const _ of trainer.steps()) {
    const now = performance.now();
    seconds.push((now - last) / 1000);
    last = now;
  }
  // One judge for all: with its own weight of total variation, or its own size of painting, each would win.
  const judge = parseTrainConfig(common);
  const judged = await readPicture(paintingFile!, { longSide: judge.styleSize });
  const state = trainer.runState();
  const losses = (await heldOutLosses(judge, lossNetwork, judged, photos, state))(state);
  const stylizer = trainedStylizer(trainer, config.architecture, name, painting);
  trainer.dispose();
  try {
    const stylize = (picture: (typeof photos)[number]) => stylizer.stylize(picture);
    const found = await measureFaults({ stylize, photos, painting: judged, side: 192, crops: 12 });
    const measures = Object.fromEntries(found.map((measure) => [measure.name, measure.value]));
    return { painting, name, steps, seconds: median(seconds.slice(5)), losses, measures };
  } finally {
    stylizer.dispose();
  }
}

function print(all: readonly Row[]): void {
  const header = ['painting', 'training', 's a step', 'total', 'content', 'style', 'tv', ...SHOWN];
  process.stdout.write(`| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|\n`);
  for (const { painting: of, name, seconds, losses, measures } of all) {
    const terms = [losses.total, losses.content, losses.style].map((value) => value.toFixed(3));
    const shown = SHOWN.map((one) => measures[one]?.toPrecision(2) ?? '–');
    const cells = [of, name, seconds.toPrecision(2), ...terms, losses.tv.toFixed(0), ...shown];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}
