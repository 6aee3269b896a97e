/** Every available style on one sheet: its painting next to what it makes of a photo. Prints nothing. */
import { contactSheet, type SheetCell } from '../data/contact-sheet.ts';
import { decodePicture, pictureFormat, readPicture, writePicture } from '../data/image-file.ts';
import type { PictureInput } from '../data/photo/source.ts';
import { type ListedStyle, listStyles } from '../infer/list-styles.ts';
import { refuseToOverwrite } from '../system/atomic-file.ts';
import { CheckpointError, ConfigError, expected } from '../system/errors.ts';

/** Longest side of a picture on the sheet, px, and of the photo as it is painted: strokes can be seen, and it is quick. */
const [SIDE, PAINTED_SIDE] = [320, 512];
/** Styles in a row, each with its painting. */
const IN_A_ROW = 2;

export interface SheetCall {
  /** To write, in the format of its extension. */
  readonly file: string;
  readonly photo: PictureInput;
  readonly overwrite: boolean;
}

export interface SheetHooks {
  /** Takes a line on what is left out. */
  readonly say: (line: string) => void;
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends it after the current style. */
  readonly signal?: AbortSignal;
}

/**
 * Paints a photo in every available style.
 *
 * @throws {ConfigError} no such format. {FileError} the file is there already. {ImageError} the photo cannot be read. {CheckpointError}
 * there is no style. The signal's reason.
 */
export async function writeStylesSheet(
  { file, photo: input, overwrite }: SheetCall,
  { say, onProgress = () => undefined, signal }: SheetHooks,
): Promise<void> {
  pictureFormat(file);
  if (!overwrite) await refuseToOverwrite(file);
  const photo = await readPicture(input, { longSide: PAINTED_SIDE });
  const styles = await listStyles(say);
  if (styles.length === 0) throw new CheckpointError(expected('an available style', 'none'));
  const { openStyle } = await import('../infer/open-style.ts');
  const { requireWhole } = await import('../infer/choose-plan.ts');
  const { StyleNetwork } = await import('../infer/style-network.ts');
  const cells: (SheetCell | undefined)[] = [];
  onProgress(0, styles.length);
  for (const [i, style] of styles.entries()) {
    signal?.throwIfAborted();
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
    onProgress(i + 1, styles.length);
  }
  const rows: (SheetCell | undefined)[][] = [[{ picture: photo, caption: 'the photo' }]];
  for (let i = 0; i < cells.length; i += 2 * IN_A_ROW) rows.push(cells.slice(i, i + 2 * IN_A_ROW));
  await writePicture(file, await contactSheet(rows, { side: SIDE, fontSize: 12 }), { overwrite });
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
