/**
 * Distils the compact loss network from a teacher: a VGG19 of any width (docs/compact-loss-network.md).
 *
 *   node --import tsx tools/distill-loss-network.ts --teacher <name or file> --data <data set> --held-out <data set> --out <file>
 *
 * Further options: --paintings <folder>, --styles <checkpoint> (whose painted photos are looked at, too), both as often as
 * wanted; --own <checkpoint>: a style trained with an earlier student, whose mistakes it shows; --steps, --batch, --size (of
 * crops, px), --rate, --pictures (photos taken), --seed, --every (steps between reports); --trunk and --coordinates: widths (tools/distill/student.ts); --from <file>: an earlier student to begin with.
 */

import { openDataset } from '../src/data/dataset.ts';
import { random } from '../src/data/random.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { formatLossNetworkWeights } from '../src/networks/weights/store-weights.ts';
import { writeFileAtomically } from '../src/system/atomic-file.ts';
import { ConfigError, expected } from '../src/system/errors.ts';
import { learningRateAt } from '../src/train/step/schedule.ts';
import { Distillation, type Errors, meanErrors } from './distill/distillation.ts';
import { drawBatch, drawOwnSteps } from './distill/draw-batch.ts';
import { distillOptions } from './distill/options.ts';
import { preparePictures } from './distill/pictures.ts';
import { LEARNT } from './distill/student.ts';

/** Side of the pictures that crops are taken from, px, where the data sets have it. */
const SIDE = 256;
const HELD_OUT_PHOTOS = 32;
const HELD_OUT_BATCHES = 12;
/** Every fourth batch is for maximum pooling, the others for average, which training has. */
const MAXIMUM_EVERY = 4;
/** Share of the steps over which the learning rate rises. */
const WARMUP = 0.1;
/** Grey levels of the student's own steps by which it is judged. */
const OWN_STEP = 5;

const options = distillOptions(process.argv.slice(2));
const { steps, batch, size, seed, shape } = options;
const say = (line: string) => process.stdout.write(`${line}\n`);
const teacher = await readLossNetworkWeights(options.teacher);
const sides = await Promise.all([options.data, options.heldOut].map(sideOf));
const side = Math.min(SIDE, ...sides);
if (size > side) throw new ConfigError(expected(`crops of at most ${side} px, as the pictures are`, size));
const common = { side, styles: options.styles, seed };
const pictures = await preparePictures({
  ...common,
  data: options.data,
  count: options.pictures,
  paintings: options.paintings,
});
const own =
  options.own.length === 0
    ? []
    : await preparePictures({
        ...{ side, seed: seed + 1, styles: options.own },
        data: options.data,
        count: Math.ceil(options.pictures / 2),
        paintings: [],
      });
const all = [...pictures, ...own];
const heldOut = await preparePictures({
  ...common,
  data: options.heldOut,
  count: HELD_OUT_PHOTOS,
  paintings: [],
});
const heldOutBatches = Array.from({ length: HELD_OUT_BATCHES }, (_, i) =>
  drawBatch(heldOut, batch, size, random(seed, 7, i)),
);
say(`${all.length} pictures, ${heldOut.length} held out`);
const from = options.from === undefined ? undefined : await readLossNetworkWeights(options.from);
const distillation = new Distillation({ teacher, shape, pictures, batch, size, seed, from });
report('held out, at first', distillation.evaluate(heldOutBatches, 'average'));
say(`spread held by the coordinates: ${perLayer((layer) => percent(distillation.look.held[layer]))}`);

const schedule = {
  learningRate: options.rate,
  decay: 'cosine',
  warmup: Math.round(WARMUP * steps),
  steps,
} as const;
const began = performance.now();
let recent: Errors[] = [];
for (let step = 0; step < steps; step++) {
  const pooling = step % MAXIMUM_EVERY === MAXIMUM_EVERY - 1 ? 'max' : 'average';
  const next = random(seed, 5, step);
  const drawn = drawBatch(all, batch, size, next);
  recent.push(
    distillation.step(drawn, drawOwnSteps(batch, next), pooling, learningRateAt(step, schedule), step),
  );
  if ((step + 1) % options.every !== 0 && step + 1 !== steps) continue;
  const seconds = (performance.now() - began) / 1000;
  say(`step ${step + 1}, ${seconds.toFixed(0)} s`);
  report('training', meanErrors(recent));
  recent = [];
  const found = distillation.evaluate(heldOutBatches, 'average');
  report('held out, average', found);
  report('held out, own steps', distillation.evaluate(heldOutBatches, 'average', OWN_STEP));
  report('held out, max', distillation.evaluate(heldOutBatches, 'max'));
  await write(step + 1, found);
}
distillation.dispose();

async function sideOf(folder: string): Promise<number> {
  const dataset = await openDataset(folder);
  await dataset.close();
  return dataset.size;
}

/** The student so far; a run that is broken off leaves what it has learnt. */
async function write(done: number, errors: Errors): Promise<void> {
  const notes = {
    // Of the teacher's source what it is, not what was done to it.
    source: `fast-style, distilled from ${teacher.source.split(/[;,] /, 1)[0]}`,
    teacher_sha256: teacher.sha256,
    distillation: JSON.stringify({
      ...{ steps: done, of: steps, batch, size, seed, rate: options.rate, pictures: all.length },
      heldOut: Object.fromEntries(
        Object.entries(errors).map(([layer, { features, changes }]) => [
          layer,
          { features: Number(features.toPrecision(3)), changes: Number(changes.toPrecision(3)) },
        ]),
      ),
    }),
  };
  const bytes = formatLossNetworkWeights(distillation.weights(), { precision: 'F16', notes });
  await writeFileAtomically(options.out, bytes, { overwrite: true });
}

function report(what: string, errors: Errors): void {
  for (const kind of ['features', 'changes', 'moments'] as const)
    say(`  ${what}, ${kind}: ${perLayer((layer) => errors[layer][kind].toFixed(3))}`);
}

function perLayer(text: (layer: (typeof LEARNT)[number]) => string): string {
  return LEARNT.map((layer) => `${layer} ${text(layer)}`).join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
