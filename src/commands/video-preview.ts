/** `video --preview`: some frames and their paintings in all styles side by side, before hours are spent on one of them. */
import { refuseToOverwrite } from '../atomic-file.ts';
import { contactSheet, type SheetCell } from '../data/contact-sheet.ts';
import { pictureFormat, writePicture } from '../data/image-file.ts';
import { ConfigError, expected, ImageError } from '../errors.ts';
import type { FilmPlan } from '../video/film-plan.ts';
import { openFrames } from '../video/film-source.ts';
import { type FilmManner, type FilmStyle, openVideoPainter } from './video-painter.ts';

/** Frames on a sheet, and longest side of each, px. */
const [ROWS, SIDE] = [5, 400];

/** @throws {ConfigError} the video can be read once only, or the sheet is no picture. {FileError} the sheet exists. */
export async function requirePreview(path: string, { input }: FilmPlan, overwrite: boolean): Promise<void> {
  pictureFormat(path);
  if (input.isOnce)
    throw new ConfigError(expected('a file with --preview, which looks at it first', input.name));
  if (!overwrite) await refuseToOverwrite(path);
}

/** Writes the sheet: a row for each of some frames evenly spread and painted by itself, a column for each style. */
export async function writePreview(
  path: string,
  plan: FilmPlan,
  styles: readonly { readonly label: string; readonly style: FilmStyle }[],
  manner: FilmManner,
): Promise<void> {
  const { width, height, facts, start = 0, duration } = plan;
  const lasting = duration ?? Math.max(0, (facts.end ?? 0) - start);
  const painters = await Promise.all(
    styles.map(({ style }) => openVideoPainter(style, { ...manner, steady: 'off' })),
  );
  const rows: SheetCell[][] = [];
  try {
    for (let row = 0; row < ROWS; row++) {
      const seconds = (lasting * (row + 0.5)) / ROWS;
      const pixels = await frameAt(plan, start + seconds);
      if (pixels === undefined) continue;
      const painted: SheetCell[] = [];
      for (const [i, painter] of painters.entries()) {
        const picture = await painter.paint({ pixels: pixels.slice(), width, height }, seconds);
        painted.push({ picture, caption: styles[i]!.label });
      }
      rows.push([
        { picture: { pixels, width, height }, caption: `${(start + seconds).toFixed(1)} s` },
        ...painted,
      ]);
    }
  } finally {
    await Promise.all(painters.map((painter) => painter.dispose()));
  }
  if (rows.length === 0) throw new ImageError(`${plan.input.name} has no frame that can be decoded.`);
  await writePicture(path, await contactSheet(rows, { side: SIDE }), { overwrite: true });
}

/** The frame that is shown at a time. */
async function frameAt(plan: FilmPlan, seconds: number): Promise<Uint8Array | undefined> {
  const { rate: _, duration: __, ...decoding } = plan.decoding;
  const source = openFrames({ ...plan, decoding: { ...decoding, start: seconds, most: 1 } });
  try {
    return (await source.next())?.pixels;
  } finally {
    await source.close();
  }
}
