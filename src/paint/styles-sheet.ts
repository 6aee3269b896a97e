/** A photo in every available style, each next to its painting. */
import { contactSheet, type SheetCell } from '../data/contact-sheet.ts';
import { decodePicture, pictureFormat, readPicture, writePicture } from '../data/image-file.ts';
import type { PictureInput } from '../data/photo/source.ts';
import { requireWhole } from '../infer/choose-plan.ts';
import { type ListedStyle, listStyles } from '../infer/list-styles.ts';
import { openStyle } from '../infer/open-style.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import { refuseToOverwrite } from '../system/atomic-file.ts';
import { CheckpointError, ConfigError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';
import type { StylesSheet } from './styles-sheet-call.ts';

/** Longest side of a picture on the sheet, px, and of the photo as it is painted: strokes can be seen, and it is quick. */
const [SIDE, PAINTED_SIDE] = [320, 512];
/** Styles in a row, each with its painting. */
const IN_A_ROW = 2;

interface SheetCall {
  readonly photo: PictureInput;
  /** Its extension is the format; nothing is written without. */
  readonly out?: string | undefined;
  readonly overwrite: boolean;
}

interface SheetWatcher {
  /** Takes a line about each style that is left out. */
  readonly say: (line: string) => void;
  /** Called after each style. May throw, which ends it. */
  readonly onPainted: (done: number, total: number) => void;
}

/**
 * Paints the photo, brought to 512 px, in every available style.
 *
 * @throws {CheckpointError} there is no style, or a file cannot be used. {ImageError} the photo cannot be read. {FileError} the file is
 * there and not to be replaced, or cannot be written. {ConfigError} a format that there is not.
 */
export async function paintStylesSheet(
  { photo: input, out, overwrite }: SheetCall,
  { say, onPainted }: SheetWatcher,
): Promise<StylesSheet> {
  if (out !== undefined) {
    pictureFormat(out);
    if (!overwrite) await refuseToOverwrite(out);
  }
  const photo = await readPicture(input, { longSide: PAINTED_SIDE });
  const available = await listStyles({ onNote: say });
  if (available.length === 0)
    throw new CheckpointError(
      expected('an available style', 'none', `train one with: ${ownCommand('train')}`),
    );
  const styles: string[] = [];
  const cells: (SheetCell | undefined)[] = [];
  for (const [i, style] of available.entries()) {
    const { checkpoint } = await openStyle(style.name);
    try {
      requireWhole(checkpoint, photo, 'it is left out');
      const network = new StyleNetwork(checkpoint);
      try {
        const painted = { picture: network.stylize(photo), caption: style.name };
        cells.push(await paintingOf(style, say), painted);
        styles.push(style.name);
      } finally {
        network.dispose();
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      say(error.message);
    }
    onPainted(i + 1, available.length);
  }
  const rows: (SheetCell | undefined)[][] = [[{ picture: photo, caption: 'the photo' }]];
  for (let i = 0; i < cells.length; i += 2 * IN_A_ROW) rows.push(cells.slice(i, i + 2 * IN_A_ROW));
  const picture = await contactSheet(rows, { side: SIDE, fontSize: 12 });
  if (out === undefined) return { picture, styles };
  await writePicture(out, picture, { overwrite });
  return { picture, styles, file: out };
}

/** The small picture of the painting in the file; nothing where there is none or it cannot be read. */
async function paintingOf(
  { name, style, thumbnail }: ListedStyle,
  say: (line: string) => void,
): Promise<SheetCell | undefined> {
  if (thumbnail === undefined) return undefined;
  const { title, file = name, author } = style;
  try {
    const picture = await decodePicture(Buffer.from(thumbnail, 'base64'), `the painting in ${name}`);
    return { picture, caption: [title ?? file, author].filter((text) => text !== undefined).join(', ') };
  } catch (error) {
    say(`${name}: ${(error as Error).message}`);
    return undefined;
  }
}
