import type { Picture } from '../picture.ts';
import { ImageError } from '../system/errors.ts';
import { sharp } from './sharp.ts';

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
