/** How photos are read and written, as a command line has it. Loads nothing heavy. */
import type { PhotoFormat } from '../data/picture-format.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { PhotoOptions } from './photo-output.ts';

/** By the names of the options in camelCase. */
export interface PhotoCall {
  readonly format?: PhotoFormat | undefined;
  readonly quality?: number | undefined;
  readonly lossless: boolean;
  readonly depth?: number | undefined;
  readonly background?: string | undefined;
  readonly profile: 'srgb' | 'keep';
  readonly strip: boolean;
  readonly maxPixels?: string | undefined;
  readonly damaged: 'refuse' | 'accept';
}

/** @throws {ConfigError} a value that cannot be used. */
export async function checkedPhotoOptions(args: PhotoCall): Promise<PhotoOptions> {
  const { format, quality, lossless, depth, background, profile, strip, maxPixels, damaged } = args;
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new ConfigError(expected('a whole number from 1 to 100 for --quality', quality));
  }
  if (background !== undefined) {
    const { isColour } = await import('../data/photo/write-photo.ts');
    if (!isColour(background)) {
      throw new ConfigError(expected('a colour for --background', background, 'as white or #ffffff'));
    }
  }
  return {
    lossless,
    profile,
    strip,
    damaged,
    ...(format === undefined ? {} : { format }),
    ...(quality === undefined ? {} : { quality }),
    ...(depth === undefined ? {} : { depth: depth as 8 | 16 }),
    ...(background === undefined ? {} : { background }),
    ...(maxPixels === undefined ? {} : { maxPixels: parsePixels(maxPixels) }),
  };
}

function parsePixels(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text.trim()) ?? [];
  const pixels =
    Number(number) * { '': 1, k: 1e3, m: 1e6, g: 1e9 }[(unit ?? '').toLowerCase() as '' | 'k' | 'm' | 'g'];
  if (pixels >= 1) return pixels;
  throw new ConfigError(expected('a number of pixels for --max-pixels', text, 'as 800M or 800000000'));
}
