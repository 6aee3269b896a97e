/** Options of commands that read and write photos: what may come in, and how it goes out. */
import { PHOTO_FORMATS, type PhotoFormat } from '../../data/picture-format.ts';
import type { PhotoOptions } from '../../paint/photo-output.ts';
import { ConfigError, expected } from '../../system/errors.ts';

/** As the command line has them. */
export interface PhotoArguments {
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

export const photoOptions = {
  format: {
    choices: PHOTO_FORMATS,
    describe: 'Format to write, for a folder or standard output',
  },
  quality: {
    type: 'number',
    describe: 'Quality of JPEG, WebP and AVIF, 1 to 100',
    defaultDescription: "each format's own",
  },
  lossless: { type: 'boolean', default: false, describe: 'Write WebP and AVIF without loss' },
  depth: {
    choices: [8, 16] as const,
    describe: 'Bits per colour in PNG and TIFF',
    defaultDescription: "the photo's",
  },
  background: {
    type: 'string',
    describe: 'Background of transparent areas in JPEG, such as #ffffff',
    defaultDescription: 'white',
  },
  profile: {
    choices: ['srgb', 'keep'] as const,
    default: 'srgb' as const,
    describe: "Colour space to write: sRGB, or the photo's own profile",
  },
  strip: {
    type: 'boolean',
    default: false,
    describe: 'Leave out EXIF (with the GPS position), IPTC and XMP',
  },
  'max-pixels': {
    type: 'string',
    describe: 'Largest picture to read, such as 800M',
    defaultDescription: '500M',
  },
  damaged: {
    choices: ['refuse', 'accept'] as const,
    default: 'refuse' as const,
    describe: 'Refuse damaged or truncated photos, or paint what can be read',
  },
} as const;

/** @throws {ConfigError} a value that cannot be used. */
export async function checkedPhotoOptions(args: PhotoArguments): Promise<PhotoOptions> {
  const { format, quality, lossless, depth, background, profile, strip, maxPixels, damaged } = args;
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new ConfigError(expected('a whole number from 1 to 100 for --quality', quality));
  }
  if (background !== undefined) {
    const { isColour } = await import('../../data/photo/write-photo.ts');
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
