/**
 * What a strength looks like: for each painting, networks of all ten strengths under one loss network, and what another one says of their
 * pictures (`StyleJudge`). Short trainings show it only if each begins near its end: one at strength 5 goes on from a finished style, and
 * every other from its neighbour's weights, up to 10 and down to 1. Appends a line of JSON per network to <out>/cells.jsonl; a painting
 * that is there is not trained again. Then prints a table and draws <out>/<loss network>.jpg, a row per painting, or with --docs
 * docs/pictures/strength-<loss network>.jpg.
 *
 *   nice -n 19 node --import tsx bench/strength-sheets.ts --loss-network compact --judge vgg16 --data <data set> --out <folder>
 *     checkpoints/great-wave.safetensors=wave.jpg … [--photo samples/harbour.jpg --photo …] [--steps 50] [--image-size 96]
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { medianJudgement, StyleJudge } from '../src/compare/style-judgement.ts';
import { contactSheet, type SheetCell } from '../src/data/contact-sheet.ts';
import { decodePicture, readPicture, writePicture } from '../src/data/image-file.ts';
import { choosePrecision } from '../src/engine/precision.ts';
import { loadCheckpoint } from '../src/networks/checkpoint.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { parseTrainConfig } from '../src/train/config.ts';
import { median } from '../src/train/guard/step-check.ts';
import { styleWeightOf } from '../src/train/strength/strength.ts';
import { tryOut } from '../src/train/strength/try-out.ts';
import { readWarmStart, type WarmStart } from '../src/train/warm-start.ts';
import { writeDocsSheet } from '../tools/docs-sheet.ts';
import { jsonLines } from './json-lines.ts';

const SAMPLES = ['harbour', 'valley'].map((name) =>
  fileURLToPath(new URL(`../samples/${name}.jpg`, import.meta.url)),
);
const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ 'loss-network': text, judge: text, data: text, out: text },
    photo: { ...text, multiple: true, default: SAMPLES },
    steps: { ...text, default: '50' },
    'image-size': { ...text, default: '96' },
    'short-side': { ...text, default: '256' },
    docs: { type: 'boolean', default: false },
  },
});
const { 'loss-network': lossNetworkName, judge: judgeName, data, out } = values;
if (!lossNetworkName || !judgeName || !data || !out || positionals.length === 0)
  throw new Error('Expected --loss-network, --judge, --data, --out and <style.safetensors>=<painting> ….');

interface Cell {
  readonly lossNetwork: string;
  readonly style: string;
  readonly strength: number;
  readonly styleWeight: number;
  /** Medians over the photos, by the judge. */
  readonly strokes: number;
  readonly contentLost: number;
}

mkdirSync(out, { recursive: true });
const record = join(out, 'cells.jsonl');
const network = parse(lossNetworkName).name;
const recorded = () => jsonLines<Cell>(record).filter(({ lossNetwork }) => lossNetwork === network);
const pictureOf = (style: string, strength: number) => join(out, `${network}-${style}-${strength}.png`);

const lossNetwork = await readLossNetworkWeights(lossNetworkName);
const judging = new LossNetwork(await readLossNetworkWeights(judgeName), 'average');
const photos = await Promise.all(
  values.photo.map((path) => readPicture(path, { shortSide: Number(values['short-side']) })),
);
const precision = await choosePrecision('auto');
const UP_AND_DOWN = [
  [5, 6, 7, 8, 9, 10],
  [4, 3, 2, 1],
];

/** Trains and judges all strengths of one painting. */
async function trainRow(start: WarmStart, style: string, paintingFile: string): Promise<void> {
  const { architecture } = start;
  const [steps, imageSize] = [Number(values.steps), Number(values['image-size'])];
  const base = parseTrainConfig({ architecture, lossNetwork: lossNetworkName, steps, imageSize });
  const painting = await readPicture(paintingFile, { longSide: base.styleSize });
  const judge = new StyleJudge(judging, painting);
  let [from, atFive] = [start, start];
  const cells: Cell[] = [];
  for (const strengths of UP_AND_DOWN) {
    for (const strength of strengths) {
      const styleWeight = styleWeightOf(strength, base, lossNetwork);
      const { pictures, parameters } = await tryOut({
        config: { ...base, strength, styleWeight },
        ...{ lossNetwork, precision, photos, painting, dataset: data!, warmStart: from },
        // The style that the first goes on from may be of another loss network and strength.
        steps: strength === 5 ? 2 * steps : steps,
      });
      from = { ...start, parameters };
      if (strength === 5) atFive = from;
      await writePicture(pictureOf(style, strength), pictures[0]!, { overwrite: true });
      const each = pictures.map((painted, i) => judge.judge(photos[i]!, painted));
      const { strokes, contentLost } = medianJudgement(each);
      cells.push({ lossNetwork: network, style, strength, styleWeight, strokes, contentLost });
      console.error(JSON.stringify(cells.at(-1)));
    }
    from = atFive;
  }
  judge.dispose();
  appendFileSync(record, cells.map((cell) => `${JSON.stringify(cell)}\n`).join(''));
}

const styles: string[] = [];
const rows: SheetCell[][] = [];
for (const pair of positionals) {
  const at = pair.lastIndexOf('=');
  if (at < 1) throw new Error(`Expected <style.safetensors>=<painting>, not ${pair}.`);
  const checkpoint = pair.slice(0, at);
  const style = basename(checkpoint, '.safetensors');
  styles.push(style);
  if (!recorded().some((cell) => cell.style === style))
    await trainRow(await readWarmStart(checkpoint), style, pair.slice(at + 1));
  const { thumbnail } = await loadCheckpoint(checkpoint);
  const shown = thumbnail && (await decodePicture(Buffer.from(thumbnail, 'base64'), 'thumbnail'));
  const row: SheetCell[] = shown ? [{ picture: shown, caption: style }] : [];
  for (const { strength } of recorded()
    .filter((cell) => cell.style === style)
    .sort((a, b) => a.strength - b.strength))
    row.push({ picture: await readPicture(pictureOf(style, strength)), caption: `${strength}` });
  rows.push(row);
}
judging.dispose();
if (values.docs) await writeDocsSheet(`strength-${network}.jpg`, rows, { side: 120, mostBytes: 250_000 });
else {
  const sheet = await contactSheet(rows, { side: 160, fontSize: 12, gap: 4 });
  await writePicture(join(out, `${network}.jpg`), sheet, { overwrite: true });
}

const strengths = UP_AND_DOWN.flat().sort((a, b) => a - b);
const line = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
line([`${network}: strokes / content lost`, ...strengths.map(String)]);
line(['---', ...strengths.map(() => '---')]);
for (const style of [...styles, 'median']) {
  const of = recorded().filter((cell) =>
    style === 'median' ? styles.includes(cell.style) : cell.style === style,
  );
  const figure = (strength: number, name: 'strokes' | 'contentLost') =>
    median(of.filter((cell) => cell.strength === strength).map((cell) => cell[name])).toFixed(2);
  line([style, ...strengths.map((s) => `${figure(s, 'strokes')} / ${figure(s, 'contentLost')}`)]);
}
