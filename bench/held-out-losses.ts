/**
 * Held-out losses of a trained style: content, style (per layer) and total variation on photos it was not trained on,
 * for the photo itself and for the painted one, as 8-bit pictures. Prints a Markdown table.
 *
 *   node --import tsx bench/held-out-losses.ts <checkpoint> <painting> <loss network> <folder of photos> [size]
 */

import { readdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { readPicture } from '../src/data/image-file.ts';
import { toTensor } from '../src/engine/pixels.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { softwareVersions } from '../src/engine/versions.ts';
import { StyleNetwork } from '../src/infer/style-network.ts';
import { layersOf, lossesOf } from '../src/losses/term.ts';
import { termsOf } from '../src/losses/terms.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import type { Picture } from '../src/picture.ts';
import { DEFAULT_TRAIN_CONFIG, parseTrainConfig } from '../src/train/config.ts';
import { lossValues } from '../src/train/step/loss-values.ts';
import { targetsOf, weightsOf } from '../src/train/step/objective.ts';

const [checkpoint, painting, lossNetworkFile, folder, sizeText = '256'] = process.argv.slice(2);
if (!checkpoint || !painting || !lossNetworkFile || !folder) {
  throw new Error('Expected: <checkpoint> <painting> <loss network> <folder of photos> [size]');
}
const stylizer = await StyleNetwork.load(checkpoint);
// Beside the configuration, a checkpoint's training says what came of it.
const settings = Object.entries(stylizer.checkpoint.training).filter(([key]) =>
  Object.hasOwn(DEFAULT_TRAIN_CONFIG, key),
);
const config = parseTrainConfig(Object.fromEntries(settings));
const lossNetwork = new LossNetwork(await readLossNetworkWeights(lossNetworkFile), config.pooling);
const weights = weightsOf(config, lossNetwork.kind);
const terms = termsOf(weights);
const [contentLayers, styleLayers] = [Object.keys(weights.contentLayers), Object.keys(weights.styleLayers)];
const style = targetsOf(await readPicture(painting, { longSide: config.styleSize }), lossNetwork, weights);

/** Columns in order: content, style, style per layer, total variation. */
function measure(photo: Picture, picture: Picture): number[] {
  return tf.tidy(() => {
    const content = lossNetwork.featureMaps(toTensor(photo), contentLayers);
    const image = toTensor(picture);
    const maps = lossNetwork.featureMaps(image, layersOf(terms));
    const targets = { content, paintings: { 0: { statistics: style } } };
    const losses = lossValues(lossesOf(terms, image, maps, targets));
    const perLayer = styleLayers.map((layer) => losses.styleLayers[layer]!);
    return [losses.content, losses.style, ...perLayer, losses.tv];
  }) as unknown as number[];
}

const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort();
const rows: { photo: number[]; painted: number[] }[] = [];
for (const name of names) {
  const photo = await readPicture(join(folder, name), { shortSide: Number(sizeText) });
  rows.push({ photo: measure(photo, photo), painted: measure(photo, stylizer.stylize(photo)) });
}
const mean = (of: 'photo' | 'painted') =>
  rows[0]![of].map((_, i) => rows.reduce((total, row) => total + row[of][i]!, 0) / rows.length);
const show = (values: number[]) =>
  values.map((value, i) => (i === values.length - 1 ? value.toFixed(0) : value.toFixed(4))).join(' | ');
const header = [
  'picture',
  `content (${contentLayers.join(', ')})`,
  'style',
  ...styleLayers,
  'total variation',
];
process.stdout.write(
  `${basename(checkpoint)}, ${rows.length} held-out photos, short side ${sizeText} px; ${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model}, TensorFlow ${softwareVersions().tensorflow}\n\n` +
    `| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|\n| photo | ${show(mean('photo'))} |\n| painted | ${show(mean('painted'))} |\n`,
);
