/**
 * Whether a compact loss network can stand in for its teacher: trains the same style with both, from the same drawn weights and
 * on the same photos, and judges both networks by the teacher's own objective on held-out photos. Prints a Markdown table.
 *
 *   nice -n 19 node --import tsx bench/compact-loss-network.ts --teacher <weights> --data <data set> --photos <folder of
 *     held-out photos> --painting <picture> [--painting …] [--compact <weights>]
 *
 * Further options: --steps (1000), --image-size (128), --style-size (512), --held-out (16 photos), --side of them (256),
 * --seed (1), --pictures <folder>: the trained styles, to look at.
 */
import { basename, join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import { batches, openDataset } from '../src/data/batches.ts';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import type { RunState } from '../src/train/run/run-state.ts';
import type { LossValues } from '../src/train/step/loss-values.ts';
import { NetworkTrainer } from '../src/train/trainer.ts';
import { heldOutLosses, squarePhotos } from './held-out-photos.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ teacher: text, data: text, photos: text, pictures: text, compact: { ...text, default: 'compact' } },
    painting: { ...text, multiple: true },
    steps: { ...text, default: '1000' },
    'image-size': { ...text, default: '128' },
    'style-size': { ...text, default: '512' },
    'held-out': { ...text, default: '16' },
    side: { ...text, default: '256' },
    seed: { ...text, default: '1' },
  },
});
const needed = (name: 'teacher' | 'data' | 'photos'): string => {
  const value = values[name];
  if (value === undefined) throw new Error(`Expected --${name}.`);
  return value;
};
const [teacherFile, data] = [needed('teacher'), needed('data')];
const teacher = await readLossNetworkWeights(teacherFile);
const compact = await readLossNetworkWeights(values.compact);
const photos = await squarePhotos(needed('photos'), Number(values['held-out']), Number(values.side));
const config = parseTrainConfig({
  lossNetwork: teacherFile,
  steps: Number(values.steps),
  imageSize: Number(values['image-size']),
  styleSize: Number(values['style-size']),
  seed: Number(values.seed),
  warmup: Math.min(100, Number(values.steps)),
  averaging: 0.98,
});
const dataset = await openDataset(data);
await dataset.close();

interface Trained {
  readonly state: RunState;
  readonly secondsPerStep: number;
}

async function train(lossNetwork: typeof teacher, painting: string): Promise<Trained> {
  const trainer = await NetworkTrainer.create({
    config,
    painting: await readPicture(painting, { longSide: config.styleSize }),
    lossNetwork,
    precision: 'f32',
    dataset: dataset.id,
    openBatches: (position, imageSize) =>
      batches({
        dataset: data,
        imageSize,
        batch: config.batch,
        seed: config.seed,
        ...(position && { position }),
      }),
  });
  const times: number[] = [];
  let before = performance.now();
  for await (const _ of trainer.steps()) {
    times.push(performance.now() - before);
    before = performance.now();
  }
  const state = trainer.runState();
  if (values.pictures !== undefined)
    await paint(trainer, `${parse(painting).name}-${lossNetwork === teacher ? 'teacher' : 'compact'}`);
  trainer.dispose();
  return { state, secondsPerStep: times.sort((a, b) => a - b)[times.length >> 1]! / 1000 };
}

async function paint(trainer: NetworkTrainer, name: string): Promise<void> {
  const { StyleNetwork } = await import('../src/infer/style-network.ts');
  const about = { style: {}, training: {}, lossNetwork: {}, losses: {}, software: {} };
  const stylizer = new StyleNetwork({
    ...{
      ...about,
      architecture: config.architecture,
      name,
      steps: trainer.stepsDone,
      images: trainer.images,
    },
    ...{ layers: trainer.layers, parameters: trainer.parameters() },
  });
  for (const [i, photo] of photos.slice(0, 4).entries())
    await writePicture(join(values.pictures!, `${name}-${i}.png`), stylizer.stylize(photo), {
      overwrite: true,
    });
  stylizer.dispose();
}

const TERMS = ['total', 'content', 'style'] as const;
const show = (found: LossValues, of: LossValues) =>
  TERMS.map((term) => `${found[term].toPrecision(3)} (${(found[term] / of[term]).toFixed(3)})`).join(' | ');
const perLayer = (found: LossValues) =>
  [...Object.entries(found.contentLayers), ...Object.entries(found.styleLayers)]
    .map(([, v]) => v.toPrecision(3))
    .join(' | ');
const layerNames = [...Object.keys(config.contentLayers), ...Object.keys(config.styleLayers)];
process.stdout.write(
  `${config.steps} steps of ${config.imageSize} px, batch ${config.batch}; losses by ${teacher.source} on ${photos.length} photos of ${values.side} px (share of the teacher's)\n\n` +
    `| painting | trained with | ${TERMS.join(' | ')} | ${layerNames.join(' | ')} | ms a step |\n|${'---|'.repeat(layerNames.length + 6)}\n`,
);
for (const painting of values.painting ?? []) {
  const results = [];
  for (const network of [teacher, compact]) {
    const { state, secondsPerStep } = await train(network, painting);
    const judge = await heldOutLosses(
      config,
      teacher,
      await readPicture(painting, { longSide: config.styleSize }),
      photos,
      state,
    );
    const found = judge(state);
    results.push(found);
    process.stdout.write(
      `| ${basename(painting)} | ${network === teacher ? 'teacher' : 'compact'} | ${show(found, results[0]!)} | ${perLayer(found)} | ${(secondsPerStep * 1000).toFixed(0)} |\n`,
    );
  }
}
