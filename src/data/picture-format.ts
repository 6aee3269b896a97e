/** The formats that pictures are written in, and those recognised by their first bytes. */
import { extname } from 'node:path';
import { ConfigError, expected } from '../system/errors.ts';

export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

/** Formats of photos: GIF as well, which training data and tools have no use for. */
export type PhotoFormat = PictureFormat | 'gif';

/** Formats that are read: HEIC as well, which nothing here writes. */
export type SourceFormat = PhotoFormat | 'heic';

/** The format that a painting is written in where nothing else is asked for: its photo's, of HEIC that of other cameras. */
export function writtenFormat(format: SourceFormat): PhotoFormat {
  return format === 'heic' ? 'jpeg' : format;
}

const FORMATS: Readonly<Record<string, PictureFormat>> = {
  jpg: 'jpeg',
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  tif: 'tiff',
  tiff: 'tiff',
  avif: 'avif',
};

const PHOTO_FORMATS: Readonly<Record<string, PhotoFormat>> = { ...FORMATS, gif: 'gif' };

/** Extensions that `writePicture` knows, in lower case and without the dot. */
export const PICTURE_EXTENSIONS: readonly string[] = Object.keys(FORMATS);

/** Extensions that `writePhoto` knows. */
export const PHOTO_EXTENSIONS: readonly string[] = Object.keys(PHOTO_FORMATS);

/** What each format can hold besides RGB of 8 bit. */
export const ABILITIES: Readonly<
  Record<
    PhotoFormat,
    {
      readonly alpha: boolean;
      readonly depth: 8 | 16;
      readonly frames: boolean;
      readonly metadata: boolean;
      /** Whether `quality` means anything. */
      readonly lossy: boolean;
      readonly lossless: boolean;
    }
  >
> = {
  jpeg: { alpha: false, depth: 8, frames: false, metadata: true, lossy: true, lossless: false },
  png: { alpha: true, depth: 16, frames: false, metadata: true, lossy: false, lossless: true },
  webp: { alpha: true, depth: 8, frames: true, metadata: true, lossy: true, lossless: true },
  tiff: { alpha: true, depth: 16, frames: false, metadata: true, lossy: false, lossless: true },
  avif: { alpha: true, depth: 8, frames: false, metadata: true, lossy: true, lossless: true },
  gif: { alpha: true, depth: 8, frames: true, metadata: false, lossy: false, lossless: false },
};

/** The format that a path's extension stands for. @throws {ConfigError} none that is known. */
export function pictureFormat(path: string): PictureFormat {
  return byExtension(path, FORMATS);
}

/** As `pictureFormat`, GIF among them. */
export function photoFormat(path: string): PhotoFormat {
  return byExtension(path, PHOTO_FORMATS);
}

function byExtension<F>(path: string, formats: Readonly<Record<string, F>>): F {
  const extension = extname(path).slice(1).toLowerCase();
  if (Object.hasOwn(formats, extension)) return formats[extension]!;
  const known = Object.keys(formats)
    .map((name) => `.${name}`)
    .join(' ');
  throw new ConfigError(expected('a picture file name', path, `let it end in one of ${known}`));
}

/** How many bytes `formatOfBytes` wants to see. */
export const MAGIC_BYTES = 64;

/** Brands of HEIF (ISO/IEC 23008-12, §10; AVIF 1.1, §8). */
const HEIF_BRAND = /hei[cxms]|hev[cxms]|mif[123]|miaf|msf1|avi[fs]/;

/**
 * The format that a file has by its first bytes, whatever its name says; 'heif' is HEIC or AVIF, by its header. Nothing else is
 * handed to the decoders: libvips would read SVG drawings, which may name other files, and formats of its own.
 */
export function formatOfBytes(head: Uint8Array): PhotoFormat | 'heif' | 'film' | 'svg' | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, MAGIC_BYTES)).toString(
    'latin1',
  );
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (/^RIFF.{4}WEBP/s.test(text)) return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff';
  if (/^.{4}ftyp/s.test(text)) return HEIF_BRAND.test(brandsIn(head, text)) ? 'heif' : 'film';
  if (/^\s*<(\?xml|!doctype|svg|!--)/i.test(text)) return 'svg';
  return undefined;
}

/** The file's own brand and those that it is compatible with (ISO/IEC 14496-12, §4.3), as far as they are seen. */
function brandsIn(head: Uint8Array, text: string): string {
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  return `${text.slice(8, 12)} ${text.slice(16, length)}`;
}
