import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { SAMPLES } from '../../data/sample-photos.ts';
import { requireMargin } from '../../networks/margin.ts';
import type { Picture } from '../../picture.ts';
import type { Measure } from '../../quality/check-style.ts';
import type { Steadiness } from '../../quality/steadiness.ts';
import { asFileError } from '../../system/atomic-file.ts';
import { CheckpointError, ConfigError, expected, FastStyleError, ImageError } from '../../system/errors.ts';
import { progressBar } from '../shared/progress-bar.ts';
import {
  chooseJudge,
  type JudgedStyle,
  judgedMeasures,
  judgedRows,
  judgedTitle,
  judgeStyle,
} from './check-judge.ts';

interface CheckArguments {
  readonly style: string;
  readonly photos: string;
  readonly painting?: string | undefined;
  readonly lossNetwork?: string | undefined;
  readonly crops: number;
  readonly margin?: number | undefined;
  readonly json: boolean;
}

/** A style has faults: the table says which, the exit code tells scripts. */
class FaultyStyleError extends FastStyleError {}

/** Photos are shrunk to this short side, so that crops show scenes and not details. */
const SHORT_SIDE = 400;
/** Crops in which steadiness is measured, and their side: each is painted once and once more for every change. */
const STEADINESS_CROPS = 4;
const STEADINESS_SIDE = 256;

/** `styles check <style>`: paints even pictures and photos and measures what should not be there. */
export const stylesCheckCommand: CommandModule<object, CheckArguments> = {
  command: 'check <style>',
  describe: 'Check a style for checkerboards, borders, blobs, dots, and lost colours, strokes or photos',
  builder: (yargs: Argv) =>
    yargs
      .positional('style', {
        type: 'string',
        demandOption: true,
        describe: 'Name of a style or a .safetensors file',
      })
      .option('photos', {
        type: 'string',
        default: SAMPLES,
        defaultDescription: "the project's samples",
        describe: 'Folder of photos to paint',
      })
      .option('painting', {
        type: 'string',
        describe: 'The painting, for its colours and strokes',
        defaultDescription: 'the thumbnail in the checkpoint, for colours only',
      })
      .option('loss-network', {
        type: 'string',
        describe: 'Name or file of the loss network that judges strokes and photo',
        defaultDescription: 'vgg19 if stored, else vgg16',
      })
      .option('crops', { type: 'number', default: 16, describe: 'Crops of photos to paint' })
      .option('margin', {
        type: 'number',
        describe: 'Width of the mirrored margin, px; 16 may cure borders',
        defaultDescription: "the style's own",
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the measures as JSON' })
      .example('$0 styles check great-wave --photos holiday/', 'Measures and limits; exit code 1 for faults'),
  handler: async ({ style, photos: folder, painting, lossNetwork, crops, margin, json }) => {
    if (!Number.isInteger(crops) || crops < 1)
      throw new ConfigError(expected('a whole number of at least 1 for --crops', crops));
    if (margin !== undefined) requireMargin(margin);
    const { openStyle } = await import('../../infer/open-style.ts');
    const { checkpoint } = await openStyle(style);
    const { readPicture, decodePicture } = await import('../../data/image-file.ts');
    const photos: Picture[] = [];
    const paths = await photosIn(folder);
    for (const path of paths) {
      const photo = await readPicture(path, { shortSide: SHORT_SIDE });
      photos.push(photo);
    }
    const { requireWhole } = await import('../../infer/choose-plan.ts');
    for (const photo of photos) requireWhole(checkpoint, photo, 'the style cannot be checked here');
    const judging = await chooseJudge(lossNetwork, painting);
    const { thumbnail } = checkpoint;
    if (painting === undefined && thumbnail === undefined)
      throw new CheckpointError(
        expected(`a picture of the painting in ${style}`, 'none', 'give the painting with --painting'),
      );
    const colours =
      painting === undefined
        ? await decodePicture(Buffer.from(thumbnail!, 'base64'), `the painting in ${style}`)
        : await readPicture(painting, { longSide: 512 });
    const { StyleNetwork } = await import('../../infer/style-network.ts');
    const { checkStyle } = await import('../../quality/check-style.ts');
    const { steadiness } = await import('../../quality/steadiness.ts');
    const { randomWindows } = await import('../../quality/test-pictures.ts');
    const stylizer = new StyleNetwork(margin === undefined ? checkpoint : { ...checkpoint, margin });
    const bar = progressBar({ label: 'Painting', total: crops });
    const stylize = (picture: Picture) => stylizer.stylize(picture);
    const progress = (done: number, total: number) => {
      bar.setTotal(total);
      bar.update(done);
    };
    try {
      const painted = await checkStyle({ stylize, photos, painting: colours, crops, progress });
      const windows = randomWindows(photos, STEADINESS_SIDE, Math.min(crops, STEADINESS_CROPS));
      const steady = await steadiness({ stylize, photos: windows, progress });
      const judged = judging && (await judgeStyle(judging, stylize, paths, progress));
      const measures = [...painted, ...(judged ? await judgedMeasures(judged) : [])];
      bar.stop();
      const found = { style, measures, ...(judged && { judged }), steadiness: steady };
      process.stdout.write(
        json
          ? `${JSON.stringify(found, null, 2)}\n`
          : `${table(measures)}\n${judged ? `${judgedTable(judged)}\n` : ''}${steadinessTable(steady)}`,
      );
      report(style, measures);
    } finally {
      bar.stop();
      stylizer.dispose();
    }
  },
};

async function photosIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw asFileError(error, `read the folder ${folder}`);
  });
  const { PICTURE_EXTENSIONS } = await import('../../data/image-file.ts');
  const photos = names.filter((name) => PICTURE_EXTENSIONS.includes(extname(name).slice(1).toLowerCase()));
  if (photos.length === 0) throw new ImageError(expected(`photos in ${folder}`, 'none'));
  return photos.sort().map((name) => join(folder, name));
}

function table(measures: readonly Measure[]): string {
  const rows = measures.map(({ name, value, sense, limit, unit, ok }) => [
    ok ? 'ok' : 'FAULT',
    name,
    value.toFixed(4),
    `${sense} ${Number(limit.toPrecision(4))}`,
    unit,
  ]);
  return aligned(rows);
}

/** How the style behaves in a film: figures to compare styles by, without limits. */
function steadinessTable({ texture, changes }: Steadiness): string {
  const rows = changes.map(({ name, rms, relative }) => [
    '  ',
    name,
    rms.toFixed(2),
    'grey levels',
    `${relative.toFixed(3)} of texture`,
  ]);
  return `Steadiness in film: what does not follow a change (texture ${texture.toFixed(1)} grey levels; no limits)\n${aligned(rows)}`;
}

function judgedTable(judged: JudgedStyle): string {
  return judgedTitle(judged) + aligned(judgedRows(judged));
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function report(style: string, measures: readonly Measure[]): void {
  const faults = measures.filter(({ ok }) => !ok);
  if (faults.length > 0)
    throw new FaultyStyleError(
      `${style} has ${faults.length} of ${measures.length} faults: ${faults.map(({ fault }) => fault).join('; ')}.`,
    );
}
