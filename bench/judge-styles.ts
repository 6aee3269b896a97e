/**
 * What a loss network says of trained styles on photos: strokes found and photo lost (`StyleJudge`), the median over the photos.
 *
 *   nice -n 19 node --import tsx bench/judge-styles.ts --photos <folder> --loss-network <name or file>
 *     <style.safetensors>=<painting.jpg> … [--painted <folder>=<painting.jpg> …]
 *
 * --painted judges what another program painted: pictures under the photos' names, whatever their extensions, of any size.
 * Further options: --pooling max|average (max), --short-side of the photos (384), --style-size: longer side of the painting
 * (768), --json: a line each, with the figures of every photo.
 */

import { readdir } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import type { StyleJudgement } from '../src/compare/figures.ts';
import { medianJudgement, StyleJudge } from '../src/compare/style-judgement.ts';
import { readPicture, resizePicture } from '../src/data/image-file.ts';
import { isPhotoName } from '../src/data/photo-files.ts';
import { StyleNetwork } from '../src/infer/style-network.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import type { Picture } from '../src/picture.ts';
import { DEFAULT_TRAIN_CONFIG } from '../src/train/config.ts';

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ photos: text, 'loss-network': text, painted: { ...text, multiple: true, default: [] } },
    pooling: { ...text, default: 'max' },
    'short-side': { ...text, default: '384' },
    'style-size': { ...text, default: String(DEFAULT_TRAIN_CONFIG.styleSize) },
    json: { type: 'boolean', default: false },
  },
});
const { photos: folder, pooling, painted, json } = values;
const weightsName = values['loss-network'];
if (folder === undefined || weightsName === undefined || positionals.length + painted.length === 0)
  throw new Error(
    'Expected --photos, --loss-network and <style>=<painting> …, or --painted <folder>=<painting>.',
  );
if (pooling !== 'max' && pooling !== 'average') throw new Error('Expected --pooling max or average.');
const shortSide = Number(values['short-side']);
const styleSize = Number(values['style-size']);

const pictures = async (of: string) => (await readdir(of)).filter(isPhotoName).sort();
const weights = await readLossNetworkWeights(weightsName);
const lossNetwork = new LossNetwork(weights, pooling);
const photos = await Promise.all(
  (await pictures(folder)).map(async (name) => ({
    name,
    photo: await readPicture(join(folder, name), { shortSide }),
  })),
);

interface Painter {
  paint(name: string, photo: Picture): Picture | Promise<Picture>;
  dispose(): void;
}

async function styleThat(source: string): Promise<Painter> {
  const stylizer = await StyleNetwork.load(source);
  return { paint: (_, photo) => stylizer.stylize(photo), dispose: () => stylizer.dispose() };
}

/** What was painted elsewhere. */
async function picturesIn(source: string): Promise<Painter> {
  const there = await pictures(source);
  return {
    paint: async (name, { width, height }) => {
      const found = there.find((one) => parse(one).name === parse(name).name);
      if (found === undefined) throw new Error(`Expected a picture of ${name} in ${source}.`);
      return resizePicture(await readPicture(join(source, found)), width, height);
    },
    dispose: () => undefined,
  };
}

async function judged(painter: Painter, painting: string): Promise<Record<string, StyleJudgement>> {
  const judge = new StyleJudge(lossNetwork, await readPicture(painting, { longSide: styleSize }));
  const found: Record<string, StyleJudgement> = {};
  for (const { name, photo } of photos) found[name] = judge.judge(photo, await painter.paint(name, photo));
  painter.dispose();
  judge.dispose();
  return found;
}

const COLUMNS = ['strokes', 'contentLost', 'photoKept', 'style', 'photoStyle'] as const;
const about = { lossNetwork: weights.source, pooling, photos: photos.length, shortSide, styleSize };
if (!json)
  process.stdout.write(
    `Medians over ${photos.length} photos of ${shortSide} px, painting at ${styleSize} px; ${weights.source}, ${pooling} pooling\n\n` +
      '| painted by | strokes | content lost | photo kept | style | photo’s style |\n|---|---|---|---|---|---|\n',
  );
for (const pair of [...positionals, ...painted]) {
  const at = pair.lastIndexOf('=');
  if (at < 1) throw new Error(`Expected <style>=<painting> or <folder>=<painting>, not ${pair}.`);
  const [source, painting] = [pair.slice(0, at), pair.slice(at + 1)];
  const found = await judged(await (painted.includes(pair) ? picturesIn : styleThat)(source), painting);
  const medians = medianJudgement(Object.values(found));
  process.stdout.write(
    json
      ? `${JSON.stringify({ source, painting, ...about, ...medians, each: found })}\n`
      : `| ${basename(source)} | ${COLUMNS.map((column) => medians[column].toFixed(4)).join(' | ')} |\n`,
  );
}
