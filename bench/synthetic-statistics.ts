/**
 * Statistics of synthetic pictures compared with those of photos: medians and quartiles, as a Markdown table.
 *
 *   node --import tsx bench/synthetic-statistics.ts <folder of photos> [pictures]
 */

import { syntheticPicture } from '../src/data/synth/picture.ts';
import { squarePhotos } from './held-out-photos.ts';
import { type NaturalStatistics, naturalStatistics } from './natural-statistics.ts';

const [folder, countText = '64'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Expected: <folder of photos> [pictures]');
const SIDE = 288;
const photos = (await squarePhotos(folder, Number(countText), SIDE)).map(naturalStatistics);
// A seed that no training uses by default.
const synthetic = Array.from({ length: Number(countText) }, (_, i) =>
  naturalStatistics(syntheticPicture(77, i, SIDE)),
);

const MEASURES: readonly (readonly [
  name: string,
  of: (found: NaturalStatistics) => number,
  digits: number,
])[] = [
  ['slope α of the power spectrum', ({ slope }) => slope, 2],
  ['kurtosis of neighbours’ differences', ({ kurtosis }) => kurtosis, 1],
  ['share of neighbours within 2 grey levels', ({ smooth }) => smooth, 2],
  ['mean grey level', ({ mean }) => mean, 0],
  ['standard deviation of lightness', ({ deviations }) => deviations[0], 1],
  ['standard deviation of blue–yellow', ({ deviations }) => deviations[1], 1],
  ['standard deviation of red–green', ({ deviations }) => deviations[2], 1],
];

function spread(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!.toFixed(digits);
  return `${at(0.5)} (${at(0.25)} – ${at(0.75)})`;
}

const rows = MEASURES.map(
  ([name, of, digits]) =>
    `| ${name} | ${spread(photos.map(of), digits)} | ${spread(synthetic.map(of), digits)} |`,
);
process.stdout.write(
  `| median (quartiles) | ${photos.length} photos | ${synthetic.length} synthetic pictures |\n|---|---|---|\n${rows.join('\n')}\n`,
);
