/**
 * What steadiness in video does to flicker and to style (docs/steadiness-in-video.md): frames of a video painted frame by frame,
 * light and strong; warping error, texture and brightness (src/quality/film-flicker.ts) and the style loss of the frames
 * against the painting that the style was trained on. Prints a Markdown table, and how long motion and blending take.
 *
 *   node --import tsx bench/steadiness-in-video.ts --video <file> --loss-network <file> --style mosaic=<painting> \
 *     [--style …] [--frames 24] [--start 2] [--scale 384] [--pictures <folder>]
 */

import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ffmpegAbilities } from '../src/data/ffmpeg-abilities.ts';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { videoFrames } from '../src/data/video/open-video.ts';
import { toTensor } from '../src/engine/pixels.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { findStyle } from '../src/infer/find-style.ts';
import { styleTerms } from '../src/losses/style-term.ts';
import { layersOf, lossesOf } from '../src/losses/term.ts';
import { type Checkpoint, loadCheckpoint } from '../src/networks/checkpoint.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { type LossNetworkWeights, readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import type { Picture } from '../src/picture.ts';
import { type FilmFlicker, FlickerMeter } from '../src/quality/film-flicker.ts';
import { DEFAULT_TRAIN_CONFIG, parseTrainConfig } from '../src/train/config.ts';
import { targetsOf, weightsOf } from '../src/train/step/objective.ts';
import { openSyncFilmPainter } from '../src/video/steady/open-film-painter.ts';
import { STEADY_CHOICES } from '../src/video/steady/setting.ts';
import { SteadyPainter } from '../src/video/steady/steady-painter.ts';

const { values: given } = parseArgs({
  options: {
    video: { type: 'string' },
    'loss-network': { type: 'string' },
    style: { type: 'string', multiple: true },
    frames: { type: 'string', default: '24' },
    start: { type: 'string', default: '2' },
    scale: { type: 'string', default: '384' },
    pictures: { type: 'string' },
  },
});
const { video, style: styles = [], 'loss-network': lossNetworkFile } = given;
if (!video || !lossNetworkFile || styles.length === 0)
  throw new Error('Expected --video, --loss-network and --style name=painting.');
const lossNetwork = await readLossNetworkWeights(lossNetworkFile);
const film: Picture[] = [];
const part = { longSide: Number(given.scale), start: Number(given.start), frames: Number(given.frames) };
for await (const frame of videoFrames(video, { ...part, abilities: await ffmpegAbilities() }))
  film.push(frame);
process.stdout.write(
  `${film.length} frames of ${film[0]!.width}×${film[0]!.height}; ${cpus()[0]?.model}; ${new Date().toISOString().slice(0, 10)}\n\n` +
    '| style | --steady | style loss | e_stab | of plain | long range | of plain | still | brightness | texture |\n' +
    '|---|---|---|---|---|---|---|---|---|---|\n',
);
for (const one of styles) {
  const [name = '', painting = ''] = one.split('=');
  const checkpoint = await loadCheckpoint(await findStyle(name));
  const lossOf = await styleLoss(checkpoint, painting);
  const meter = new FlickerMeter();
  const painted: Picture[][] = [];
  const losses: number[] = [];
  for (const choice of STEADY_CHOICES) {
    const painter = openSyncFilmPainter(checkpoint, choice, undefined);
    const frames = film.map((frame) => painter.paint(frame, 0));
    painter.dispose();
    painted.push(frames);
    const some = frames.filter((_, i) => i % 4 === 3);
    losses.push(some.reduce((sum, frame) => sum + lossOf(frame), 0) / some.length);
    if (given.pictures)
      await writePicture(join(given.pictures, `${name}-${choice}.png`), frames.at(-1)!, { overwrite: true });
  }
  film.forEach((frame, i) => {
    meter.add(frame, [frame, ...painted.map((frames) => frames[i]!)]);
  });
  const [own, ...found] = meter.results();
  if (one === styles[0]) print('the film itself', '', undefined, own!, undefined);
  found.forEach((flicker, i) => {
    print(name, STEADY_CHOICES[i]!, losses[i], flicker, found[0]);
  });
}
process.stdout.write(`\n${costPerFrame().toFixed(0)} ms of processor time a frame for motion and blending\n`);

/** Of all but the network. */
function costPerFrame(): number {
  const painter = new SteadyPainter({ paint: (frame) => frame, dispose: () => undefined }, 0.8);
  for (const frame of film) painter.paint(frame, 0);
  const begun = process.cpuUsage().user;
  for (const frame of film) painter.paint(frame, 0);
  return (process.cpuUsage().user - begun) / 1000 / film.length;
}

/** Style loss of a frame in the terms of the style's own training. */
async function styleLoss({ training }: Checkpoint, painting: string): Promise<(picture: Picture) => number> {
  const known = Object.entries(training).filter(([key]) => Object.hasOwn(DEFAULT_TRAIN_CONFIG, key));
  const config = parseTrainConfig(Object.fromEntries(known));
  const network = new LossNetwork(lossNetwork as LossNetworkWeights, config.pooling);
  const weights = await weightsOf(config, network.kind);
  const statistics = targetsOf(await readPicture(painting, { longSide: config.styleSize }), network, weights);
  const terms = styleTerms(weights);
  return (frame) =>
    tf.tidy(() => {
      const image = toTensor(frame);
      const maps = network.featureMaps(image, layersOf(terms));
      const { style } = lossesOf(terms, image, maps, { paintings: { 0: { statistics } } });
      return (style as tf.Scalar).dataSync()[0]!;
    }) as unknown as number;
}

function print(
  style: string,
  choice: string,
  loss: number | undefined,
  flicker: FilmFlicker,
  plain: FilmFlicker | undefined,
): void {
  const share = (of: 'short' | 'long') =>
    plain === undefined || plain[of] === 0 ? '' : `${Math.round((100 * flicker[of]) / plain[of])} %`;
  const cells = [
    ...[style, choice, loss?.toFixed(4) ?? '', flicker.short.toFixed(4), share('short')],
    ...[flicker.long.toFixed(4), share('long'), flicker.still.toFixed(2), flicker.brightness.toFixed(3)],
    ...[flicker.texture.toFixed(1)],
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
