/**
 * Picture files to pixels and back, the simple way: past this file everything is sRGB, RGB, 8 bit. Photos to be painted come
 * and go by `photo/read-photo.ts` and `write-photo.ts`, with transparency, 16 bit and metadata.
 */
import type { Picture, PictureSize } from '../picture.ts';
import { refuseToOverwrite, writeFileAtomically } from '../system/atomic-file.ts';
import { expected, ImageError } from '../system/errors.ts';
import { type PhotoSource, readable } from './photo/examine.ts';
import { type PhotoHead, readHead } from './photo/head.ts';
import { decodePhoto } from './photo/read-photo.ts';
import { openSource, type PictureInput, sourceOfBytes } from './photo/source.ts';
import { asUnreadable, asUnwritable } from './picture-errors.ts';
import { type PictureFormat, pictureFormat } from './picture-format.ts';
import { plainTiffOf } from './plain-tiff.ts';
import { type Sharp, sharp } from './sharp.ts';

export { PICTURE_EXTENSIONS, type PictureFormat, pictureFormat } from './picture-format.ts';

/** Shrinks or enlarges to a side in pixels, aspect kept. Give one of the two; with neither a picture keeps its size. */
export interface ReadOptions {
  readonly shortSide?: number;
  readonly longSide?: number;
}

export interface WriteOptions {
  /** Replace an existing file. Defaults to false. */
  readonly overwrite?: boolean;
  /** 1 to 100 for JPEG, WebP and AVIF. */
  readonly quality?: number;
}

/** A square window of a stored picture. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  /** Mirrored left to right. */
  readonly flip: boolean;
}

/** As many as sharp takes, by default. */
const MOST_PIXELS = 0x3fff ** 2;

const DEFAULT_QUALITY = { jpeg: 92, webp: 90, avif: 75 } as const;

// 'error', not sharp's 'warning': phones write headers that libjpeg grumbles about, and their pictures are whole.
const INPUT = { failOn: 'error' } as const;

/**
 * Reads a picture file: EXIF orientation applied, any colour space (CMYK, grey, wide gamut, 16 bit) brought to
 * sRGB by its profile, transparency laid on white, of an animation the first frame.
 *
 * @throws {ImageError} no such file, not a picture, cut short or damaged, more than 268 million pixels, or half as many and of a kind
 *   that cannot be read in bands.
 */
export async function readPicture(picture: PictureInput, options: ReadOptions = {}): Promise<Picture> {
  if (typeof picture !== 'string') return decodePicture(picture.bytes, picture.name, options);
  return decode(await openSource(picture), options);
}

/** As `readPicture`, for the bytes of a picture file. @param name what to call it in an error. */
export async function decodePicture(
  bytes: Uint8Array,
  name: string,
  options: ReadOptions = {},
): Promise<Picture> {
  return decode(sourceOfBytes(bytes, name), options);
}

async function decode(source: PhotoSource, options: ReadOptions): Promise<Picture> {
  const head = await readHead(source);
  const read = () => decodeNow(source, head, options);
  return bytesToUnpack(head, source.name) > MOST_AT_ONCE ? inTurn(read) : read();
}

async function decodeNow(
  source: PhotoSource,
  head: PhotoHead,
  { shortSide, longSide }: ReadOptions,
): Promise<Picture> {
  let pipeline = upright(await inSrgb(source, head), source);
  if (shortSide !== undefined) {
    pipeline = pipeline.resize({ width: shortSide, height: shortSide, fit: 'outside' });
  } else if (longSide !== undefined) {
    pipeline = pipeline.resize({ width: longSide, height: longSide, fit: 'inside' });
  }
  return rawPixels(pipeline.toColourspace('srgb'), source.name);
}

let last: Promise<unknown> = Promise.resolve();

/** Does one work after the other. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = last.then(work);
  last = next.catch(() => undefined);
  return next;
}

/**
 * Bytes that unpacking may take of what cannot be read in bands: interlaced PNG, progressive JPEG, WebP, AVIF. Of
 * several at once those that take more than the smaller number wait for each other.
 */
const [MOST_UNPACKED, MOST_AT_ONCE] = [2 ** 30, 2 ** 27];

/** @throws {ImageError} a few kilobytes would become gigabytes. */
function bytesToUnpack({ format, unpacked, frames, width, height }: PhotoHead, name: string): number {
  // Of an animation one frame is read. HEIC has no other way: its limit is that of pixels.
  const bytes = unpacked / frames;
  if (bytes <= MOST_UNPACKED || format === 'heic') return bytes;
  const how = format === 'png' ? 'not interlaced' : format === 'jpeg' ? 'not progressive' : 'as JPEG or PNG';
  throw new ImageError(
    expected(
      `a picture of ${width}×${height} px that can be read in bands`,
      `${name}, which must be unpacked whole`,
      `save it ${how}`,
    ),
  );
}

function upright(file: string | Uint8Array, { failOn, ignoresProfile }: PhotoSource): Sharp {
  const input = sharp(file, { failOn, ignoreIcc: ignoresProfile });
  // Without the explicit pipeline space, sharp leaves 16-bit pictures that have a profile in Display P3.
  return input.autoOrient().pipelineColourspace('srgb').flatten({ background: '#ffffff' });
}

/** What libvips can bring to sRGB: other colours are brought there first, as they can neither be mixed nor laid on white. */
async function inSrgb(source: PhotoSource, head: PhotoHead): Promise<string | Uint8Array> {
  const { heif, toSrgb, name, content } = source;
  if (heif === undefined && toSrgb === undefined) return content;
  // sharp refuses too many pixels by itself, but here it gets them decoded.
  if (head.width * head.height > MOST_PIXELS) throw asUnreadable('pixel limit', name);
  if (toSrgb === undefined) return readable(source);
  return plainTiffOf(await decodePhoto({ source, head }));
}

/** Width and height in display orientation, from the head of a picture file. @throws {ImageError} not a picture. */
export async function pictureSize(bytes: Uint8Array, name: string): Promise<PictureSize> {
  const { content, heif, failOn } = sourceOfBytes(bytes, name);
  if (heif !== undefined) return { width: heif.width, height: heif.height };
  try {
    return (await sharp(content, { failOn }).metadata()).autoOrient;
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

/** The middle of a picture, as large a square as fits, of another size: as `resizePicture` has it. @param side in pixels. */
export async function squareMiddle({ pixels, width, height }: Picture, side: number): Promise<Picture> {
  const cut = Math.min(width, height);
  const [left, top] = [(width - cut) >> 1, (height - cut) >> 1];
  const raw = { width, height, channels: 3 } as const;
  const window = { left, top, width: cut, height: cut };
  const square = sharp(pixels, { raw, limitInputPixels: false }).extract(window);
  return rawPixels(square.resize({ width: side, height: side, fit: 'fill' }), 'A picture in memory');
}

/** Colour at full resolution and each format's own quality, unless one is given. */
function encoder(raw: Sharp, format: PictureFormat, quality: number | undefined): Sharp {
  switch (format) {
    case 'jpeg':
      return raw.jpeg({ quality: quality ?? DEFAULT_QUALITY.jpeg, chromaSubsampling: '4:4:4' });
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
