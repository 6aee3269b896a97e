import type { Argv, CommandModule } from 'yargs';
import type { SheetCell } from '../../data/contact-sheet.ts';
import { SAMPLE } from '../../data/sample-photos.ts';
import { CheckpointError, ConfigError, expected } from '../../system/errors.ts';
import { say, tell } from '../shared/say.ts';
import type { ListedStyle } from './list.ts';

interface SheetArguments {
  readonly file: string;
  readonly photo: string;
  readonly overwrite: boolean;
}

/** Longest side of a picture on the sheet, px, and of the photo as it is painted: strokes can be seen, and it is quick. */
const [SIDE, PAINTED_SIDE] = [320, 512];
/** Styles in a row, each with its painting. */
const IN_A_ROW = 2;

/** `styles sheet <file>`: every available style, its painting next to what it makes of a photo. */
export const stylesSheetCommand: CommandModule<object, SheetArguments> = {
  command: 'sheet <file>',
  describe: 'Paint a photo in every available style, each next to its painting, on one sheet',
  builder: (yargs: Argv) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'Sheet to write, in the format of its extension',
      })
      .option('photo', {
        type: 'string',
        default: SAMPLE,
        defaultDescription: "the project's sample",
        describe: 'The photo to paint',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an existing file' })
      .example('$0 styles sheet styles.jpg --photo photo.jpg', 'Which style suits a photo'),
  handler: async ({ file, photo: photoPath, overwrite }) => {
    const { refuseToOverwrite } = await import('../../system/atomic-file.ts');
    const { contactSheet } = await import('../../data/contact-sheet.ts');
    const { pictureFormat, readPicture, writePicture } = await import('../../data/image-file.ts');
    pictureFormat(file);
    if (!overwrite) await refuseToOverwrite(file);
    const photo = await readPicture(photoPath, { longSide: PAINTED_SIDE });
    const { listStyles } = await import('./list.ts');
    const styles = await listStyles(say);
    if (styles.length === 0) throw new CheckpointError(expected('an available style', 'none'));
    const { openStyle } = await import('../../infer/open-style.ts');
    const { requireWhole } = await import('../../infer/choose-plan.ts');
    const { StyleNetwork } = await import('../../infer/style-network.ts');
    const { progressBar } = await import('../shared/progress-bar.ts');
    const bar = progressBar({ label: 'Painting', total: styles.length });
    const cells: (SheetCell | undefined)[] = [];
    try {
      for (const [i, style] of styles.entries()) {
        const { checkpoint } = await openStyle(style.name);
        try {
          requireWhole(checkpoint, photo, 'it is left out');
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          say(error.message);
          continue;
        }
        const stylizer = new StyleNetwork(checkpoint);
        try {
          cells.push(await paintingOf(style, say), { picture: stylizer.stylize(photo), caption: style.name });
        } finally {
          stylizer.dispose();
        }
        bar.update(i + 1);
      }
    } finally {
      bar.stop();
    }
    const rows: (SheetCell | undefined)[][] = [[{ picture: photo, caption: 'the photo' }]];
    for (let i = 0; i < cells.length; i += 2 * IN_A_ROW) rows.push(cells.slice(i, i + 2 * IN_A_ROW));
    await writePicture(file, await contactSheet(rows, { side: SIDE, fontSize: 12 }), { overwrite });
    tell(file);
  },
};

/** The small picture of the painting in the file; nothing where there is none or it cannot be read. */
async function paintingOf(
  { name, style, thumbnail }: ListedStyle,
  say: (line: string) => void,
): Promise<SheetCell | undefined> {
  if (thumbnail === undefined) return undefined;
  const { decodePicture } = await import('../../data/image-file.ts');
  const { title, file = name, author } = style;
  try {
    const picture = await decodePicture(Buffer.from(thumbnail, 'base64'), `the painting in ${name}`);
    return { picture, caption: [title ?? file, author].filter((text) => text !== undefined).join(', ') };
  } catch (error) {
    say(`${name}: ${(error as Error).message}`);
    return undefined;
  }
}
