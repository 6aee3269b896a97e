import type { Picture } from '../picture.ts';
import { ConfigError, expected, ImageError } from '../system/errors.ts';
import { escapeXml } from '../system/printable.ts';
import { sharp } from './sharp.ts';

/** One picture of a sheet with what is below it. */
export interface SheetCell {
  readonly picture: Picture;
  readonly caption: string;
}

export interface SheetOptions {
  /** Longest side of a picture on the sheet, px; larger ones are shrunk, smaller ones stay. Defaults to 320. */
  readonly side?: number;
  /** Height of the captions' letters, px. Defaults to 14. */
  readonly fontSize?: number;
  /** Space around and between cells, px. Defaults to 12. */
  readonly gap?: number;
}

interface Layer {
  readonly input: Buffer;
  readonly raw?: { readonly width: number; readonly height: number; readonly channels: 3 };
  readonly left: number;
  readonly top: number;
}

/** Mean width of a letter of a sans-serif font as a share of its height; a caption is shortened to its cell by it. */
const LETTER_WIDTH = 0.56;

/**
 * Pictures side by side: rows of equal cells on white, each picture centred with its caption below. Rows may be
 * shorter than others, and `undefined` leaves a cell empty.
 *
 * @throws {ConfigError} there is no picture.
 */
export async function contactSheet(
  rows: readonly (readonly (SheetCell | undefined)[])[],
  { side = 320, fontSize = 14, gap = 12 }: SheetOptions = {},
): Promise<Picture> {
  const cells = rows.flat().filter((cell) => cell !== undefined);
  if (cells.length === 0) throw new ConfigError(expected('pictures for a contact sheet', 'none'));
  const shown = await Promise.all(
    rows.map((row) => Promise.all(row.map((cell) => cell && fitted(cell.picture, side)))),
  );
  const pictures = shown.flat().filter((picture) => picture !== undefined);
  const cellWidth = Math.max(...pictures.map(({ width }) => width));
  const cellHeight = Math.max(...pictures.map(({ height }) => height));
  const captionHeight = Math.ceil(fontSize * 1.6);
  const columns = Math.max(...rows.map((row) => row.length));
  const width = gap + columns * (cellWidth + gap);
  const height = gap + rows.length * (cellHeight + captionHeight + gap);

  const captions: string[] = [];
  const layers: Layer[] = [];
  rows.forEach((row, y) => {
    row.forEach((cell, x) => {
      const picture = shown[y]?.[x];
      if (cell === undefined || picture === undefined) return;
      const left = gap + x * (cellWidth + gap);
      const top = gap + y * (cellHeight + captionHeight + gap);
      layers.push({
        input: Buffer.from(picture.pixels),
        raw: { width: picture.width, height: picture.height, channels: 3 },
        left: left + Math.floor((cellWidth - picture.width) / 2),
        top: top + Math.floor((cellHeight - picture.height) / 2),
      });
      const most = Math.floor(cellWidth / (fontSize * LETTER_WIDTH));
      const text = cell.caption.length > most ? `${cell.caption.slice(0, most - 1)}…` : cell.caption;
      const at = `x="${left + cellWidth / 2}" y="${top + cellHeight + fontSize * 1.2}"`;
      captions.push(`<text ${at} text-anchor="middle">${escapeXml(text)}</text>`);
    });
  });
  const font = `font-family="sans-serif" font-size="${fontSize}" fill="#222"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${font}>${captions.join('')}</svg>`;
  const { data } = await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([...layers, { input: Buffer.from(svg), left: 0, top: 0 }])
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width, height };
}

/** A picture as a sheet shows it: shrunk to the longest side, if it is larger. */
export async function fitted(picture: Picture, side: number): Promise<Picture> {
  const { pixels, width, height } = picture;
  if (Math.max(width, height) <= side) return picture;
  const { data, info } = await sharp(pixels, {
    raw: { width, height, channels: 3 },
    limitInputPixels: false,
  })
    .resize({ width: side, height: side, fit: 'inside' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/**
 * Draws an SVG on white. Text is set in the machine's fonts; where there are none it is missing, and the drawing is
 * otherwise whole.
 *
 * @param scale pixels per unit of the SVG. @throws {ImageError} it is not well-formed.
 */
export async function drawSvg(svg: string, scale = 1): Promise<Picture> {
  try {
    const { data, info } = await sharp(Buffer.from(svg), { density: 72 * scale })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  } catch (error) {
    throw new ImageError(`An SVG drawing cannot be rendered (${(error as Error).message}).`, {
      cause: error,
    });
  }
}
