import { extname } from 'node:path';
import type { ArgumentsCamelCase } from 'yargs';
import type { SheetCell } from '../../data/contact-sheet.ts';
import { chooseLossNetwork } from '../../networks/weights/choose-loss-network.ts';
import type { Picture } from '../../picture.ts';
import { refuseToOverwrite, writeFileAtomically } from '../../system/atomic-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { ownCommand, shellWord } from '../../system/own-command.ts';
import { parseTrainConfig } from '../../train/config.ts';
import { findTrainData } from '../../train/run/data.ts';
import { relativeStyleWeight } from '../../train/strength/strength-setting.ts';
import type { TryOut } from '../../train/strength/try-out.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { say } from '../shared/say.ts';
import { givenConfig, trainConfigFlags } from './call.ts';
import { makingBar } from './making-bar.ts';

export interface CalibrateArguments {
  readonly style: string;
  readonly data: string | undefined;
  readonly strengths: string;
  readonly 'style-sizes': string;
  readonly photos: number;
  readonly from?: string | undefined;
  readonly 'try-steps': number;
  readonly out: string;
  readonly overwrite: boolean;
}

/** A cell of the sheet as the JSON file has it. */
interface Cell extends Pick<TryOut, 'losses'> {
  readonly strength: number;
  readonly styleWeight: number;
  readonly styleSize: number;
  /** Time that the cell took. */
  readonly seconds: number;
  /** The command that trains it. */
  readonly train: string;
}

/** Trains shortly for each strength and size of the painting, and lays what is painted out as one sheet with the figures in a file next to it. */
export async function calibrateGrid(args: ArgumentsCamelCase<CalibrateArguments>): Promise<void> {
  const { style, photos: count, out, overwrite, trySteps: tries } = args;
  if (!Number.isInteger(count) || count < 1 || count > 16)
    throw new ConfigError(expected('a whole number from 1 to 16 for --photos', count));
  if (!Number.isInteger(tries) || tries < 1)
    throw new ConfigError(expected('a whole number of at least 1 for --try-steps', tries));
  const strengths = numbers(args.strengths, '--strengths');
  strengths.forEach(relativeStyleWeight);
  const ownConfig = givenConfig(args, {});
  const named = ownConfig.lossNetwork as string | undefined;
  const { startOf } = await import('../../train/run/inputs.ts');
  const start = { from: args.from, together: false };
  const warmStart = await startOf(start, ownConfig.architecture as string | undefined, undefined);
  const ofStart = warmStart && { architecture: warmStart.architecture };
  const given = { ...ofStart, ...ownConfig, lossNetwork: await chooseLossNetwork(named, { say }) };
  const configs = numbers(args.styleSizes, '--style-sizes').map((styleSize) =>
    parseTrainConfig({ ...given, styleSize }),
  );
  const { contactSheet } = await import('../../data/contact-sheet.ts');
  const { pictureFormat, readPicture, writePicture } = await import('../../data/image-file.ts');
  pictureFormat(out);
  const figures = `${out.slice(0, -extname(out).length)}.json`;
  if (!overwrite) for (const path of [out, figures]) await refuseToOverwrite(path);
  const paintings = await Promise.all(
    configs.map(({ styleSize }) => readPicture(style, { longSide: styleSize })),
  );
  const { readLossNetworkWeights } = await import('../../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(configs[0]!.lossNetwork);
  const making = makingBar();
  const { folder: data } = await findTrainData(args.data, configs[0]!.imageSize, {
    ...{ say, onMaking: making.onMaking },
    isPlan: false,
  }).finally(making.stop);
  const { choosePrecision } = await import('../../engine/precision.ts');
  const precision = await choosePrecision('auto');
  const { firstCrops, tryOut } = await import('../../train/strength/try-out.ts');
  const { styleWeightOf } = await import('../../train/strength/strength.ts');
  const { imageSize, seed } = configs[0]!;
  // The painting's size does not count.
  const styleWeights = strengths.map((strength) => styleWeightOf(strength, configs[0]!, lossNetwork));
  const photos = await firstCrops(data, imageSize, seed, count);

  // As high as the photos: the sheet's rows are all as high as its highest picture.
  const shown = await readPicture(style, { shortSide: photos[0]!.height });
  const rows: SheetCell[][] = [
    [
      { picture: shown, caption: 'the painting' },
      { picture: beside(photos), caption: args.data === undefined ? 'synthetic pictures' : 'the photos' },
    ],
  ];
  const cells: Cell[] = [];
  const total = configs.length * strengths.length;
  const bar = progressBar({ label: 'Calibrating', total, show: (value) => value.toFixed(1) });
  try {
    for (const [i, config] of configs.entries()) {
      const row: SheetCell[] = [];
      for (const [j, strength] of strengths.entries()) {
        const started = performance.now();
        const styleWeight = styleWeights[j]!;
        const { pictures, losses } = await tryOut({
          ...{ config: { ...config, strength, styleWeight }, lossNetwork, precision, photos },
          painting: paintings[i]!,
          dataset: data,
          steps: tries,
          ...(warmStart && { warmStart }),
          progress: (step, steps) => bar.update(cells.length + step / steps),
        });
        const { styleSize } = config;
        const train = trainCommandLine(args, strength, styleSize);
        const seconds = Math.round((performance.now() - started) / 100) / 10;
        cells.push({ strength, styleSize, styleWeight, losses, seconds, train });
        row.push({
          picture: beside(pictures),
          caption: `strength ${strength}, ${styleSize} px: weight ${styleWeight}`,
        });
      }
      rows.push(row);
    }
  } finally {
    bar.stop();
  }
  await writePicture(out, await contactSheet(rows, { side: 480 }), { overwrite });
  await writeFileAtomically(figures, Buffer.from(`${JSON.stringify({ style, data, cells }, null, 2)}\n`), {
    overwrite,
  });
  for (const { train } of cells) process.stdout.write(`${train}\n`);
  say(`${out} and ${figures} written`);
}

function numbers(text: string, option: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.length > 10 || new Set(values).size !== values.length || values.some((value) => !(value > 0)))
    throw new ConfigError(expected(`up to 10 different numbers like 2,5,8 for ${option}`, text));
  return values;
}

/** The command that trains a cell: with what was given here, and the cell's strength and size. */
function trainCommandLine(
  args: ArgumentsCamelCase<CalibrateArguments>,
  strength: number,
  styleSize: number,
): string {
  const words = ['--style', args.style, ...(args.data === undefined ? [] : ['--data', args.data])];
  for (const flag of Object.keys(trainConfigFlags)) {
    const value = args[flag];
    if (value !== undefined) words.push(`--${flag}`, String(value));
  }
  if (args.from !== undefined) words.push('--from', args.from);
  words.push('--strength', String(strength), '--style-size', String(styleSize));
  return ownCommand(`train ${words.map(shellWord).join(' ')}`);
}

/** Pictures of one size in a row. */
function beside(pictures: readonly Picture[]): Picture {
  const { width, height } = pictures[0]!;
  const row = width * 3;
  const pixels = new Uint8Array(row * height * pictures.length);
  pictures.forEach((picture, i) => {
    for (let y = 0; y < height; y++)
      pixels.set(picture.pixels.subarray(y * row, (y + 1) * row), (y * pictures.length + i) * row);
  });
  return { pixels, width: width * pictures.length, height };
}
