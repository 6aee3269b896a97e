/**
 * Held-out losses of a trained style: each term of its training (per layer where it has several) on photos it was not trained
 * on, unweighted, for the photo itself and for the painted one, as 8-bit pictures. Terms that training did not weigh, and those
 * of pairs of pictures, are left out. Prints a Markdown table.
 *
 *   node --import tsx bench/held-out-losses.ts <checkpoint> <painting> <loss network> <folder of photos> [size]
 */

import { readdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { readPicture } from '../src/data/image-file.ts';
import { isPhotoName } from '../src/data/photo-files.ts';
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
// Besides the configuration, a checkpoint's training says what came of it.
const settings = Object.entries(stylizer.checkpoint.training).filter(([key]) =>
  Object.hasOwn(DEFAULT_TRAIN_CONFIG, key),
);
const config = parseTrainConfig(Object.fromEntries(settings));
const lossNetwork = new LossNetwork(await readLossNetworkWeights(lossNetworkFile), config.pooling);
const weights = await weightsOf(config, lossNetwork.kind);
const terms = termsOf(weights).filter(({ weight }) => weight !== 0);
const contentLayers = Object.keys(weights.contentLayers);
const style = targetsOf(await readPicture(painting, { longSide: config.styleSize }), lossNetwork, weights);

/** Columns: each term, and after one of several layers the layers. */
function measure(photo: Picture, picture: Picture): Record<string, number> {
  return tf.tidy(() => {
    const content = lossNetwork.featureMaps(toTensor(photo), contentLayers);
    const image = toTensor(picture);
    const maps = lossNetwork.featureMaps(image, layersOf(terms));
    const targets = { content, paintings: { 0: { statistics: style } } };
    const losses: Readonly<Record<string, unknown>> = lossValues(lossesOf(terms, image, maps, targets));
    const columns = terms.flatMap(({ name }) => {
      const layers = Object.entries((losses[`${name}Layers`] ?? {}) as Readonly<Record<string, number>>);
      const [only] = layers;
      if (layers.length === 1) return [[`${name} (${only![0]})`, losses[name]]];
      return [[name, losses[name]], ...layers.map(([layer, loss]) => [`${name}, ${layer}`, loss])];
    });
    return Object.fromEntries(columns);
  }) as unknown as Record<string, number>;
}

const names = (await readdir(folder)).filter(isPhotoName).sort();
const rows: Record<'photo' | 'painted', Record<string, number>>[] = [];
for (const name of names) {
  const photo = await readPicture(join(folder, name), { shortSide: Number(sizeText) });
  rows.push({ photo: measure(photo, photo), painted: measure(photo, stylizer.stylize(photo)) });
}
if (rows.length === 0) throw new Error(`There are no photos in ${folder}.`);
const columns = Object.keys(rows[0]!.photo);
const means = (of: 'photo' | 'painted') =>
  columns.map((column) => rows.reduce((total, row) => total + row[of][column]!, 0) / rows.length);
// Shares have their places; squared grey levels are of any size.
const show = (values: readonly number[]) =>
  values.map((value) => (value < 10 ? value.toFixed(4) : value.toFixed(0))).join(' | ');
const header = ['picture', ...columns];
process.stdout.write(
  `${basename(checkpoint)}, ${rows.length} held-out photos, short side ${sizeText} px; ${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model}, TensorFlow ${softwareVersions().tensorflow}\n\n` +
    `| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|\n| photo | ${show(means('photo'))} |\n| painted | ${show(means('painted'))} |\n`,
);
