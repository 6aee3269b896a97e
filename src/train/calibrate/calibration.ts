/** A painting's strengths and stroke sizes compared by short trainings, from the call to the sheet. Prints nothing. */
import { extname } from 'node:path';
import type { SheetCell } from '../../data/contact-sheet.ts';
import { chooseLossNetwork } from '../../networks/weights/choose-loss-network.ts';
import type { Picture } from '../../picture.ts';
import { refuseToOverwrite, writeFileAtomically } from '../../system/atomic-file.ts';
import { parseTrainConfig } from '../config.ts';
import { type DataHooks, findTrainData } from '../run/data.ts';
import { relativeStyleWeight } from '../strength/strength-setting.ts';
import type { CalibrateCall } from './call.ts';
import type { CalibratedCell, Calibration } from './cells.ts';

/** Whoever starts a calibration, as it goes on. */
export interface CalibrateHooks extends DataHooks {
  /** What trains a cell, as its file says it. */
  readonly trainedBy: (strength: number, styleSize: number) => string;
  /** Nothing is left to fail before the first step. @param cells how many there are. */
  readonly onBegin?: (cells: number) => void;
  /** After each step. @param done cells, the part of the present one included. What it throws ends the calibration. */
  readonly onStep?: (done: number, cells: number) => void;
}

/**
 * Trains shortly for each strength and size of the painting, and lays what is painted out: as one sheet with the figures in a file
 * next to it where `out` is given.
 *
 * @throws {ConfigError} a setting that cannot be used. {CheckpointError} there is no style to start from. {ImageError} the painting cannot
 * be read. {WeightsError} the loss network cannot. {DatasetError} the data cannot. {FileError} a file is in the way, or cannot be written.
 */
export async function calibration(call: CalibrateCall, hooks: CalibrateHooks): Promise<Calibration> {
  const { style, photos: count, strengths, styleSizes, out, overwrite } = call;
  strengths.forEach(relativeStyleWeight);
  const named = call.settings.lossNetwork as string | undefined;
  const { startOf } = await import('../run/inputs.ts');
  const start = { from: call.from, together: false };
  const warmStart = await startOf(start, call.settings.architecture as string | undefined, undefined);
  const ofStart = warmStart && { architecture: warmStart.architecture };
  const given = { ...ofStart, ...call.settings, lossNetwork: await chooseLossNetwork(named, hooks) };
  const configs = styleSizes.map((styleSize) => parseTrainConfig({ ...given, styleSize }));
  const { contactSheet } = await import('../../data/contact-sheet.ts');
  const { pictureFormat, readPicture, writePicture } = await import('../../data/image-file.ts');
  if (out !== undefined) pictureFormat(out);
  const files = out === undefined ? undefined : { sheet: out, figures: figuresOf(out) };
  if (files !== undefined && !overwrite)
    for (const file of Object.values(files)) await refuseToOverwrite(file);
  const paintings = await Promise.all(
    configs.map(({ styleSize }) => readPicture(style, { longSide: styleSize })),
  );
  const { readLossNetworkWeights } = await import('../../networks/loss-network-weights.ts');
  const lossNetwork = await readLossNetworkWeights(configs[0]!.lossNetwork);
  const { imageSize, seed } = configs[0]!;
  const { folder: data } = await findTrainData(call.data, imageSize, { ...hooks, isPlan: false });
  const { choosePrecision } = await import('../../engine/precision.ts');
  const precision = await choosePrecision('auto');
  const { firstCrops, tryOut } = await import('../strength/try-out.ts');
  const { styleWeightOf } = await import('../strength/strength.ts');
  // The painting's size does not count.
  const styleWeights = strengths.map((strength) => styleWeightOf(strength, configs[0]!, lossNetwork));
  const photos = await firstCrops(data, imageSize, seed, count);

  // As high as the photos: the sheet's rows are all as high as its highest picture.
  const shown = await readPicture(style, { shortSide: photos[0]!.height });
  const cells: CalibratedCell[] = [];
  const total = configs.length * strengths.length;
  hooks.onBegin?.(total);
  for (const [i, config] of configs.entries()) {
    for (const [j, strength] of strengths.entries()) {
      const started = performance.now();
      const styleWeight = styleWeights[j]!;
      const { pictures, losses } = await tryOut({
        ...{ config: { ...config, strength, styleWeight }, lossNetwork, precision, photos },
        painting: paintings[i]!,
        dataset: data,
        steps: call.trySteps,
        ...(warmStart && { warmStart }),
        progress: (step, steps) => hooks.onStep?.(cells.length + step / steps, total),
      });
      const { styleSize } = config;
      const train = hooks.trainedBy(strength, styleSize);
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      cells.push({ strength, styleSize, styleWeight, losses, seconds, train, pictures });
    }
  }
  if (files === undefined) return { data, photos, cells };
  const rows: SheetCell[][] = [
    [
      { picture: shown, caption: 'the painting' },
      { picture: inRow(photos), caption: call.data === undefined ? 'synthetic pictures' : 'the photos' },
    ],
    ...styleSizes.map((styleSize) => cells.filter((cell) => cell.styleSize === styleSize).map(sheetCell)),
  ];
  await writePicture(files.sheet, await contactSheet(rows, { side: 480 }), { overwrite });
  const painting = typeof style === 'string' ? style : style.name;
  const figures = { style: painting, data, cells: cells.map(({ pictures: _, ...rest }) => rest) };
  await writeFileAtomically(files.figures, Buffer.from(`${JSON.stringify(figures, null, 2)}\n`), {
    overwrite,
  });
  return { data, photos, cells, files };
}

const figuresOf = (sheet: string) => `${sheet.slice(0, -extname(sheet).length)}.json`;

const sheetCell = ({ strength, styleSize, styleWeight, pictures }: CalibratedCell): SheetCell => ({
  picture: inRow(pictures),
  caption: `strength ${strength}, ${styleSize} px: weight ${styleWeight}`,
});

/** Pictures of one size side by side. */
function inRow(pictures: readonly Picture[]): Picture {
  const { width, height } = pictures[0]!;
  const row = width * 3;
  const pixels = new Uint8Array(row * height * pictures.length);
  pictures.forEach((picture, i) => {
    for (let y = 0; y < height; y++)
      pixels.set(picture.pixels.subarray(y * row, (y + 1) * row), (y * pictures.length + i) * row);
  });
  return { pixels, width: width * pictures.length, height };
}
