/** Picture files to pixels and back. Everything past this file is sRGB, RGB, 8 bit. */
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { refuseToOverwrite, writeFileAtomically } from '../atomic-file.ts';
import { ConfigError, expected, ImageError } from '../errors.ts';
import { asImageError, asUnreadable, asUnwritable } from './picture-errors.ts';
import { type Sharp, type SharpOptions, sharp } from './sharp.ts';

/** Pixels in sRGB as they are to be seen: rows from the top, RGB interleaved, 8 bit, no alpha. */
export interface Picture {
  /** [height, width, 3], 0..255. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Shrinks or enlarges to a side in pixels, aspect kept. Give one of the two; with neither a picture keeps its size. */
export interface ReadOptions {
  readonly shortSide?: number;
  readonly longSide?: number;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface WriteOptions {
  /** Replace a file that is there. Defaults to false. */
  readonly overwrite?: boolean;
  /** 1 to 100 for JPEG, WebP and AVIF. */
  readonly quality?: number;
}

export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

/** A square window of a stored picture. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  /** Mirrored left to right. */
  readonly flip: boolean;
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

/** Extensions that `writePicture` knows, in lower case and without the dot. */
export const PICTURE_EXTENSIONS: readonly string[] = Object.keys(FORMATS);

const DEFAULT_QUALITY = { jpeg: 92, webp: 90, avif: 75 } as const;

// 'error', not sharp's 'warning': phones write headers that libjpeg grumbles about, and their pictures are whole.
const INPUT = { failOn: 'error' } as const;

/**
 * Reads a picture file: EXIF orientation applied, any colour space (CMYK, grey, wide gamut, 16 bit) brought to
 * sRGB by its profile, transparency laid on white, of an animation the first frame.
 *
 * @throws {ImageError} no such file, not a picture, cut short or damaged, more than 268 million pixels.
 */
export async function readPicture(path: string, options: ReadOptions = {}): Promise<Picture> {
  return decodePicture(await readBytes(path), path, options);
}

/** As `readPicture`, for the bytes of a picture file. @param name what to call it in an error. */
export async function decodePicture(
  bytes: Uint8Array,
  name: string,
  { shortSide, longSide }: ReadOptions = {},
): Promise<Picture> {
  refuseEmpty(bytes, name);
  let pipeline = upright(bytes);
  if (shortSide !== undefined) {
    pipeline = pipeline.resize({ width: shortSide, height: shortSide, fit: 'outside' });
  } else if (longSide !== undefined) {
    pipeline = pipeline.resize({ width: longSide, height: longSide, fit: 'inside' });
  }
  return rawPixels(pipeline.toColourspace('srgb'), name);
}

/** A picture file, given as its path or bytes, on its way to pixels as `readPicture` gives them. */
export function uprightSrgb(file: string | Uint8Array, options?: SharpOptions): Sharp {
  return upright(file, options).toColourspace('srgb');
}

function upright(file: string | Uint8Array, options?: SharpOptions): Sharp {
  // Without the explicit pipeline space, sharp leaves 16-bit pictures that have a profile in Display P3.
  return sharp(file, { ...INPUT, ...options })
    .autoOrient()
    .pipelineColourspace('srgb')
    .flatten({ background: '#ffffff' });
}

/** Width and height in display orientation, from the head of a picture file. @throws {ImageError} not a picture. */
export async function pictureSize(bytes: Uint8Array, name: string): Promise<PictureSize> {
  refuseEmpty(bytes, name);
  return sizeOf(bytes, name);
}

/** As `pictureSize`, of a file of which no more is read than needed. */
export async function pictureFileSize(path: string): Promise<PictureSize> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw asImageError(error, path);
  });
  if (size === 0) throw new ImageError(`${path} is empty: it holds 0 bytes.`);
  return sizeOf(path, path);
}

async function sizeOf(file: string | Uint8Array, name: string): Promise<PictureSize> {
  try {
    return (await sharp(file, INPUT).metadata()).autoOrient;
  } catch (error) {
    throw asUnreadable(error, name);
  }
}

/**
 * Decodes a square window of an upright sRGB picture, as data sets store them.
 *
 * @returns [size, size, 3], 0..255.
 * @throws {ImageError} the bytes do not decode.
 */
export async function decodeCrop(
  bytes: Uint8Array,
  name: string,
  { left, top, size, flip }: Crop,
): Promise<Uint8Array> {
  const window = sharp(bytes, INPUT).extract({ left, top, width: size, height: size }).flop(flip);
  return (await rawPixels(window.toColourspace('srgb'), name)).pixels;
}

/**
 * Writes a picture in the format of the path's extension, exactly as large as it is, and atomically.
 *
 * @throws {ConfigError} the extension is none of `PICTURE_EXTENSIONS`.
 * @throws {FileError} the file exists and `overwrite` is not set, or it cannot be written.
 * @throws {ImageError} the picture is larger than the format can hold.
 */
export async function writePicture(
  path: string,
  picture: Picture,
  { overwrite = false, quality }: WriteOptions = {},
): Promise<void> {
  const format = pictureFormat(path);
  if (!overwrite) await refuseToOverwrite(path);
  await writeFileAtomically(path, await encodePicture(picture, format, quality), { overwrite });
}

/** The format that a path's extension stands for. @throws {ConfigError} none that is known. */
export function pictureFormat(path: string): PictureFormat {
  const extension = extname(path).slice(1).toLowerCase();
  const format = FORMATS[extension];
  if (format !== undefined) return format;
  const known = PICTURE_EXTENSIONS.map((name) => `.${name}`).join(' ');
  throw new ConfigError(expected('a picture file name', path, `let it end in one of ${known}`));
}

/**
 * Encodes a picture. Colour is kept at full resolution (4:4:4), but in WebP, which halves it by its definition.
 *
 * @param quality 1..100 for JPEG (default 92), WebP (90) and AVIF (75); PNG and TIFF lose nothing.
 * @throws {ImageError} the picture is larger than the format can hold.
 */
export async function encodePicture(
  { pixels, width, height }: Picture,
  format: PictureFormat,
  quality?: number,
): Promise<Uint8Array> {
  const raw = sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  try {
    return await encoder(raw, format, quality).toBuffer();
  } catch (error) {
    throw asUnwritable(error, { width, height }, format);
  }
}

/**
 * A picture of another size: Lanczos where it shrinks, cubic where it grows. Its own pixels where it has the size already.
 *
 * @param width, height in pixels; the aspect is the caller's affair.
 */
export async function resizePicture(picture: Picture, width: number, height: number): Promise<Picture> {
  if (picture.width === width && picture.height === height) return picture;
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  const pipeline = sharp(picture.pixels, { raw, limitInputPixels: false });
  return rawPixels(pipeline.resize({ width, height, fit: 'fill' }), 'A picture in memory');
}

/**
 * Colour at full resolution and each format's own quality, unless one is given.
 *
 * @param inBands a JPEG without codes of its own: to choose them, the encoder keeps the whole picture's coefficients, six
 *   bytes a pixel. The file grows by some per cent.
 */
export function encoder(
  raw: Sharp,
  format: PictureFormat,
  quality: number | undefined,
  inBands = false,
): Sharp {
  switch (format) {
    case 'jpeg':
      return raw.jpeg({
        quality: quality ?? DEFAULT_QUALITY.jpeg,
        chromaSubsampling: '4:4:4',
        optimiseCoding: !inBands,
      });
    case 'webp':
      return raw.webp({ quality: quality ?? DEFAULT_QUALITY.webp, smartSubsample: true });
    case 'avif':
      return raw.avif({ quality: quality ?? DEFAULT_QUALITY.avif, chromaSubsampling: '4:4:4' });
    case 'tiff':
      return raw.tiff({ compression: 'deflate', predictor: 'horizontal' });
    case 'png':
      return raw.png();
  }
}

async function rawPixels(pipeline: Sharp, name: string): Promise<Picture> {
  try {
    const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  } catch (error) {
    throw asUnreadable(error, name);
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asImageError(error, path);
  }
}

function refuseEmpty(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) throw new ImageError(`${name} is empty: it holds 0 bytes.`);
}
