/** Options of commands that read and write photos: what may come in, and how it goes out. */
import { PHOTO_FORMATS } from '../../data/picture-format.ts';

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
