/** `video --preview`: some frames and their paintings in all styles side by side, before hours are spent on one of them. */

import { contactSheet, type SheetCell } from '../../data/contact-sheet.ts';
import { pictureFormat, writePicture } from '../../data/image-file.ts';
import { quotient } from '../../data/video/facts.ts';
import { type DecodedFrame, markOf } from '../../data/video/frame-reader.ts';
import { refuseToOverwrite } from '../../system/atomic-file.ts';
import { ConfigError, expected, ImageError } from '../../system/errors.ts';
import type { FilmPlan } from '../film-plan.ts';
import { openFrames } from '../film-source.ts';
import { type FilmManner, type FilmStyle, openVideoPainter } from './painter.ts';

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
  const rest = facts.end === undefined ? undefined : Math.max(0, facts.end - start);
  const lasting = Math.min(duration ?? rest ?? 0, rest ?? Number.POSITIVE_INFINITY);
  const painters = await Promise.all(
    styles.map(({ style }) => openVideoPainter(style, { ...manner, steady: 'off' })),
  );
  const rows: SheetCell[][] = [];
  try {
    let before: number | undefined;
    for (let row = 0; row < ROWS; row++) {
      const seconds = (lasting * (row + 0.5)) / ROWS;
      const frame = await frameAt(plan, start, seconds);
      // Of a film of few frames one is shown at several times.
      const mark = frame && markOf(frame);
      if (frame === undefined || mark === before) continue;
      before = mark;
      const { pixels } = frame;
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

/** Seconds beyond a frame's length before a time in which the frame that is shown then is looked for. */
const BACK = [0, 1, 10, Number.POSITIVE_INFINITY];
/** Less than any frame lasts. */
const SLACK = 1e-3;

/**
 * The frame that is shown at a time: decoding gives the first that begins after where it is begun. After the last one's beginning the last.
 *
 * @param seconds after the start.
 */
async function frameAt(plan: FilmPlan, start: number, seconds: number): Promise<DecodedFrame | undefined> {
  const { rate: _, duration: __, ...decoding } = plan.decoding;
  const lasts = 1 / quotient(plan.facts.rate) - SLACK;
  for (const back of BACK) {
    const from = start + Math.max(0, seconds - lasts - back);
    const most = back === 0 ? { most: 1 } : {};
    const source = openFrames({ ...plan, decoding: { ...decoding, alpha: false, start: from, ...most } });
    try {
      let found: DecodedFrame | undefined;
      for (let next = await source.next(); next !== undefined; next = await source.next()) found = next;
      if (found !== undefined) return found;
    } finally {
      await source.close();
    }
    if (back >= seconds && back > 0) break;
  }
  return undefined;
}
