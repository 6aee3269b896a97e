/** `stylize --sheet`: photos and their paintings side by side, a row for each photo. */
import { basename } from 'node:path';
import { contactSheet, type SheetCell } from '../data/contact-sheet.ts';
import { pictureFormat, readPicture, writePicture } from '../data/image-file.ts';
import { refuseToOverwrite } from '../system/atomic-file.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** Longest side of a picture on the sheet, px. */
const SIDE = 320;
/** JPEG ends at 65,535 px of height, which is more than anyone looks at. */
const MOST_ROWS = 150;

export interface SheetRow {
  readonly photo: string;
  /** The file of each style's painting. */
  readonly paintings: readonly string[];
}

/** @throws {ConfigError} the sheet could not be written in the end. {FileError} it exists already. */
export async function requireSheet(
  path: string,
  rows: readonly SheetRow[],
  overwrite: boolean,
): Promise<void> {
  pictureFormat(path);
  if (rows.length > MOST_ROWS)
    throw new ConfigError(expected(`at most ${MOST_ROWS} photos for --sheet`, rows.length));
  if (!overwrite) await refuseToOverwrite(path);
}

/** Writes the sheet from the files; a photo without a painting is left out. */
export async function writeSheet(
  path: string,
  rows: readonly SheetRow[],
  styles: readonly string[],
): Promise<void> {
  const cells: (SheetCell | undefined)[][] = [];
  for (const { photo, paintings } of rows) {
    const painted = await Promise.all(paintings.map((painting, i) => cellOf(painting, styles[i]!)));
    if (painted.some((cell) => cell !== undefined))
      cells.push([await cellOf(photo, basename(photo)), ...painted]);
  }
  if (cells.length === 0) return;
  await writePicture(path, await contactSheet(cells, { side: SIDE }), { overwrite: true });
}

async function cellOf(path: string, caption: string): Promise<SheetCell | undefined> {
  const picture = await readPicture(path, { longSide: SIDE }).catch(() => undefined);
  return picture === undefined ? undefined : { picture, caption };
}
