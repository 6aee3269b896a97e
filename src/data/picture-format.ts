/** The formats that pictures are written in, and those recognised by their first bytes. */
import { extname } from 'node:path';
import { ConfigError, expected } from '../system/errors.ts';

export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

/** How a format is known, and what it can hold besides RGB of 8 bit. */
interface Format {
  /** What people call it. */
  readonly name: string;
  /** In lower case and without the dot. */
  readonly extensions: readonly string[];
  /** What its files begin with, a byte as one character; AVIF's are known by their brand (`HEIF_BRAND`). */
  readonly magic?: RegExp;
  readonly alpha: boolean;
  readonly depth: 8 | 16;
  readonly frames: boolean;
  readonly metadata: boolean;
  /** Whether `quality` means anything. */
  readonly lossy: boolean;
  readonly lossless: boolean;
}

const JPEG = { alpha: false, depth: 8, frames: false, metadata: true, lossy: true, lossless: false } as const;
const PNG = { alpha: true, depth: 16, frames: false, metadata: true, lossy: false, lossless: true } as const;
const WEBP = { alpha: true, depth: 8, frames: true, metadata: true, lossy: true, lossless: true } as const;
const TIFF = { alpha: true, depth: 16, frames: false, metadata: true, lossy: false, lossless: true } as const;
const AVIF = { alpha: true, depth: 8, frames: false, metadata: true, lossy: true, lossless: true } as const;
const GIF = { alpha: true, depth: 8, frames: true, metadata: false, lossy: false, lossless: false } as const;

/** The formats of photos, a row each: what else a format takes is an encoder in `photo/write-photo.ts`. */
export const ABILITIES = {
  jpeg: { name: 'JPEG', extensions: ['jpg', 'jpeg'], magic: /^\xff\xd8\xff/, ...JPEG },
  png: { name: 'PNG', extensions: ['png'], magic: /^\x89PNG\r\n\cZ\n/, ...PNG },
  webp: { name: 'WebP', extensions: ['webp'], magic: /^RIFF.{4}WEBP/s, ...WEBP },
  tiff: { name: 'TIFF', extensions: ['tif', 'tiff'], magic: /^(II[*+]\0|MM\0[*+])/, ...TIFF },
  avif: { name: 'AVIF', extensions: ['avif'], ...AVIF },
  gif: { name: 'GIF', extensions: ['gif'], magic: /^GIF8[79]a/, ...GIF },
} as const satisfies Readonly<Record<string, Format>>;

/** GIF among them, which training data and tools have no use for. */
export type PhotoFormat = keyof typeof ABILITIES;

const ROWS = Object.entries<Format>(ABILITIES) as readonly (readonly [PhotoFormat, Format])[];

/** In the order of the table. */
export const PHOTO_FORMATS: readonly PhotoFormat[] = ROWS.map(([format]) => format);

/** Names of the formats that can do something, for a sentence. */
export function formatNames(can: (format: Format) => boolean): string {
  return enumerated(ROWS.filter(([, row]) => can(row)).map(([, { name }]) => name));
}

/** Names of the formats that are read: HEIC among them, which nothing here writes. */
export function readNames(): string {
  const [first = '', ...others] = ROWS.map(([, { name }]) => name);
  return enumerated([first, 'HEIC', ...others]);
}

const enumerated = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** Formats that are read: HEIC as well, which nothing here writes. */
export type SourceFormat = PhotoFormat | 'heic';

/** The format that a painting is written in where nothing else is asked for: its photo's, of HEIC that of other cameras. */
export function writtenFormat(format: SourceFormat): PhotoFormat {
  return format === 'heic' ? 'jpeg' : format;
}

const BY_EXTENSION: Readonly<Record<string, PhotoFormat>> = Object.fromEntries(
  ROWS.flatMap(([format, { extensions }]) => extensions.map((extension) => [extension, format])),
);
const PICTURES: readonly PhotoFormat[] = ['jpeg', 'png', 'webp', 'tiff', 'avif'] satisfies PictureFormat[];
const PICTURE_FORMATS = Object.fromEntries(
  Object.entries(BY_EXTENSION).filter(([, format]) => PICTURES.includes(format)),
) as Readonly<Record<string, PictureFormat>>;

/** Extensions that `writePicture` knows, in lower case and without the dot. */
export const PICTURE_EXTENSIONS: readonly string[] = Object.keys(PICTURE_FORMATS);

/** Extensions that `writePhoto` knows. */
export const PHOTO_EXTENSIONS: readonly string[] = Object.keys(BY_EXTENSION);

/** The format that a path's extension stands for. @throws {ConfigError} none that is known. */
export function pictureFormat(path: string): PictureFormat {
  return byExtension(path, PICTURE_FORMATS);
}

/** As `pictureFormat`, GIF among them. */
export function photoFormat(path: string): PhotoFormat {
  return byExtension(path, BY_EXTENSION);
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
  const known = ROWS.find(([, { magic }]) => magic?.test(text));
  if (known !== undefined) return known[0];
  if (/^.{4}ftyp/s.test(text)) return HEIF_BRAND.test(brandsIn(head, text)) ? 'heif' : 'film';
  if (/^\s*<(\?xml|!doctype|svg|!--)/i.test(text)) return 'svg';
  return undefined;
}

/** The file's own brand and those that it is compatible with (ISO/IEC 14496-12, §4.3), as far as they are seen. */
function brandsIn(head: Uint8Array, text: string): string {
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  return `${text.slice(8, 12)} ${text.slice(16, length)}`;
}
