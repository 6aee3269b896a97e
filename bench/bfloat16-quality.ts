/** What bf16 costs: pictures of the styles that ship, and a training, compared with f32. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../src/data/image-file.ts';
import { random, randomBelow } from '../src/data/random.ts';
import type { Precision } from '../src/engine/compile/compile.ts';
import { StyleNetwork } from '../src/infer/style-network.ts';
import type { Picture } from '../src/picture.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { NetworkTrainer, type PhotoBatch } from '../src/train/trainer.ts';
import { QUARTER_WIDTHS } from './cases.ts';
import { vggWeights } from './materials.ts';
import { targetLine } from './sections.ts';
import { psnr } from './statistics.ts';
import { drawnLossNetwork } from './vgg-layers.ts';

const LEAST_DECIBELS = 40;
const root = fileURLToPath(new URL('..', import.meta.url));

/** PSNR of bf16 against f32, of 8-bit pictures, for every style that ships on every sample photo. */
export async function stylesSection(): Promise<string> {
  const styles = (await filesIn('checkpoints', '.safetensors')).toSorted();
  const photos = (await filesIn('samples', '.jpg')).toSorted();
  const rows: string[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const style of styles) {
    const stylizers = (['f32', 'bf16'] as const).map((precision) =>
      StyleNetwork.load(join(root, 'checkpoints', style), { precision }),
    );
    const [full, half] = (await Promise.all(stylizers)) as [StyleNetwork, StyleNetwork];
    const cells: string[] = [];
    for (const photo of photos) {
      const picture = await readPicture(join(root, 'samples', photo));
      const [wanted, got] = [full, half].map((of) => Float32Array.from(of.stylize(picture).pixels));
      const decibels = psnr(got!, wanted!, 255);
      least = Math.min(least, decibels);
      cells.push(`${decibels.toFixed(1)} dB`);
    }
    full.dispose();
    half.dispose();
    rows.push(`| ${style.replace('.safetensors', '')} | ${cells.join(' | ')} |`);
  }
  return [
    'PSNR of the picture painted in bf16 against the one painted in f32.',
    '',
    `| Style | ${photos.join(' | ')} |`,
    `|---|${photos.map(() => '---:|').join('')}`,
    ...rows,
    '',
    targetLine(
      `${LEAST_DECIBELS} dB at least`,
      `${least.toFixed(1)} dB`,
      least >= LEAST_DECIBELS ? 'reached' : 'not reached',
    ),
  ].join('\n');
}

const STEPS = 300;
const WINDOW = 50;
/** Largest difference of the smoothed losses. */
const TOLERANCE = 0.05;
const SIDE = 96;
const BATCH = 2;

/** The same training in f32 and bf16: first weights, crops and order alike. */
export async function trainingSection(say: (line: string) => void): Promise<string> {
  const photos = await Promise.all(
    (await filesIn('samples', '.jpg')).map((name) =>
      readPicture(join(root, 'samples', name), { shortSide: 320 }),
    ),
  );
  const painting = await readPicture(join(root, 'samples', 'harbour.jpg'), { longSide: 320 });
  const [full, half] = [
    await curve('f32', photos, painting, say),
    await curve('bf16', photos, painting, say),
  ];
  const smooth = (losses: readonly number[], end: number) =>
    losses.slice(end - WINDOW, end).reduce((sum, loss) => sum + loss, 0) / WINDOW;
  let largest = 0;
  for (let end = WINDOW; end <= STEPS; end++)
    largest = Math.max(largest, Math.abs(smooth(half, end) / smooth(full, end) - 1));
  const rows: string[] = [];
  for (let end = WINDOW; end <= STEPS; end += WINDOW) {
    const [f, h] = [smooth(full, end), smooth(half, end)];
    rows.push(
      `| ${end - WINDOW + 1}–${end} | ${f.toFixed(4)} | ${h.toFixed(4)} | ${(100 * (h / f - 1)).toFixed(2)} % |`,
    );
  }
  return [
    `${STEPS} steps of the half-width network with a quarter-width VGG19 (random weights) on crops of the sample photos, batch ${BATCH} of ${SIDE}×${SIDE}: mean total loss.`,
    '',
    '| steps | f32 | bf16 | difference |',
    '|---|---:|---:|---:|',
    ...rows,
    '',
    targetLine(
      `losses averaged over ${WINDOW} steps within ${100 * TOLERANCE} %`,
      `${(100 * largest).toFixed(2)} %`,
      largest <= TOLERANCE ? 'reached' : 'not reached',
    ),
  ].join('\n');
}

async function curve(
  precision: Precision,
  photos: readonly Picture[],
  painting: Picture,
  say: (line: string) => void,
): Promise<number[]> {
  const trainer = await NetworkTrainer.create({
    config: parseTrainConfig({ imageSize: SIDE, batch: BATCH, steps: STEPS, warmup: 20, seed: 1 }),
    painting,
    lossNetwork: drawnLossNetwork(new Map(vggWeights(QUARTER_WIDTHS).map((array) => [array.name, array]))),
    dataset: 'samples',
    openBatches: () => crops(photos),
    precision,
  });
  const losses: number[] = [];
  for await (const { step, losses: found } of trainer.steps()) {
    losses.push(found.total);
    if (step % 100 === 0) say(`  ${precision}: step ${step}, loss ${found.total.toFixed(4)}`);
  }
  trainer.dispose();
  return losses;
}

async function* crops(photos: readonly Picture[]): AsyncGenerator<PhotoBatch, void, void> {
  const next = random(1);
  for (let index = BATCH; ; index += BATCH) {
    const pixels = new Uint8Array(BATCH * SIDE * SIDE * 3);
    for (let row = 0, at = 0; row < BATCH; row++) {
      const photo = photos[randomBelow(photos.length, next)]!;
      const left = randomBelow(photo.width - SIDE + 1, next);
      const top = randomBelow(photo.height - SIDE + 1, next);
      for (let y = 0; y < SIDE; y++, at += SIDE * 3) {
        const from = ((top + y) * photo.width + left) * 3;
        pixels.set(photo.pixels.subarray(from, from + SIDE * 3), at);
      }
    }
    yield { pixels, size: SIDE, count: BATCH, position: { epoch: 0, index } };
  }
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  return (await readdir(join(root, folder))).filter((name) => name.endsWith(ending));
}
