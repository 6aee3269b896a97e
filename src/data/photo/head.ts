/** What a photo's file says of itself before its pixels are decoded. */

import type { PictureSize } from '../../picture.ts';
import { expected, ImageError } from '../../system/errors.ts';
import { profileSpace } from '../colour-profile.ts';
import { HEIF_BYTES_PER_PIXEL } from '../heif/decode-heif.ts';
import type { HeifHead } from '../heif/heif-head.ts';
import { asUnreadable } from '../picture-errors.ts';
import type { SourceFormat } from '../picture-format.ts';
import { sharp } from '../sharp.ts';
import type { PhotoSource } from './examine.ts';
import { tiffExif } from './tiff-metadata.ts';

/** Blocks of metadata as they are in the file. */
export interface PhotoMetadata {
  /** A TIFF structure (CIPA DC-008, 'Exif 2.32'), with or without 'Exif\0\0' before it. */
  readonly exif?: Uint8Array;
  /** An XML packet. */
  readonly xmp?: Uint8Array;
  /** IPTC-IIM, bare or within Photoshop's image resources. */
  readonly iptc?: Uint8Array;
  /** Resolution in pixels per inch. */
  readonly density?: number;
}

/** Width and height are of one frame, in display orientation. */
export interface PhotoHead extends PictureSize {
  readonly format: SourceFormat;
  /** Bits per sample that its colours deserve: 16 for whatever has more than 8. */
  readonly depth: 8 | 16;
  readonly alpha: boolean;
  /** Frames of an animation; 1 for a still picture. */
  readonly frames: number;
  /** Milliseconds that each frame is shown, and how often all are shown; 0 is for ever. */
  readonly delays: readonly number[];
  readonly loop: number;
  /** Pages of a document that are not read. */
  readonly furtherPages: number;
  /** The embedded colour profile, and what it describes; an invalid one is only reported. */
  readonly profile?: Uint8Array;
  readonly oddProfile: boolean;
  readonly colours: 'rgb' | 'grey' | 'cmyk' | 'other';
  readonly metadata: PhotoMetadata;
  /** Bytes of memory that decoding takes besides the pixels it gives: the whole picture where it cannot go in bands. */
  readonly unpacked: number;
  /** Turned or mirrored by its orientation. */
  readonly turned: boolean;
  /** What is left out of the picture, or done to it, in words that follow its name. */
  readonly notes: readonly string[];
}

/** Larger metadata than this are no photo's. */
const MOST_METADATA = 2 ** 20;
/** Profiles of printing presses have large tables. */
const MOST_PROFILE = 16 * 2 ** 20;

/** @throws {ImageError} the head is damaged. */
export async function readHead(source: PhotoSource, failOn = source.failOn): Promise<PhotoHead> {
  const { content, name, format, heif, notes } = source;
  if (heif !== undefined) {
    requirePixels(heif, name);
    return headOfHeic(heif, notes);
  }
  const found = await sharp(content, { limitInputPixels: false, failOn })
    .metadata()
    .catch((error: unknown) => {
      const fault = asUnreadable(error, name);
      // Nothing of it can be read.
      throw failOn === 'none' ? new ImageError(fault.message, { cause: error }) : fault;
    });
  const { autoOrient, pages = 1, orientation = 1, density, xmp, iptc } = found;
  const icc = source.ignoresProfile ? undefined : found.icc;
  const exif = format === 'tiff' ? tiffExif(content) : found.exif;
  const animated = (format === 'gif' || format === 'webp') && pages > 1;
  const { width } = autoOrient;
  const height = animated ? (found.pageHeight ?? autoOrient.height) : autoOrient.height;
  requirePixels({ width, height }, name);
  const pixels = width * height;
  const profile = icc !== undefined && isProfile(icc) ? icc : undefined;
  return {
    format,
    width,
    height,
    depth: found.depth === 'uchar' || found.depth === 'char' ? 8 : 16,
    alpha: found.hasAlpha === true,
    frames: animated ? pages : 1,
    delays: animated ? (found.delay ?? []).map(inRange) : [],
    loop: inRange(found.loop ?? 0),
    furtherPages: animated ? 0 : pages - 1,
    ...(profile === undefined ? {} : { profile }),
    oddProfile: icc !== undefined && profile === undefined,
    colours: coloursOf(found.space),
    metadata: metadataOf({ exif, xmp, iptc, density: resolution(density) }),
    unpacked: unpackedBytes(format, found.isProgressive === true, pixels * (animated ? pages : 1)),
    turned: orientation > 1,
    notes,
  };
}

function requirePixels({ width, height }: PictureSize, name: string): void {
  if (!(width * height > 0))
    throw new ImageError(expected('a picture with pixels', `${width}×${height}`, `look at ${name}`));
}

/** Its orientation is its own, not that of its EXIF (ISO/IEC 23008-12, §6.5.10; MIAF, §7.3.6.7). */
function headOfHeic(heif: HeifHead, notes: readonly string[]): PhotoHead {
  const { width, height, bits, alpha, turned, icc, exif, xmp } = heif;
  const profile = icc !== undefined && isProfile(icc) && profileSpace(icc) === 'rgb' ? icc : undefined;
  const depth = bits > 8 ? 16 : 8;
  return {
    ...{ format: 'heic', width, height, depth, alpha, turned, notes },
    ...{ frames: 1, delays: [], loop: 0, furtherPages: 0, colours: 'rgb' },
    ...(profile === undefined ? {} : { profile }),
    oddProfile: icc !== undefined && profile === undefined,
    metadata: metadataOf({ exif, xmp }),
    unpacked: HEIF_BYTES_PER_PIXEL * width * height * (depth / 8),
  };
}

/** Without what is not there, or no photo's. */
function metadataOf(
  blocks: { readonly [key in keyof PhotoMetadata]: PhotoMetadata[key] | undefined },
): PhotoMetadata {
  const isKept = (block: unknown) =>
    block instanceof Uint8Array ? block.length > 0 && block.length <= MOST_METADATA : block !== undefined;
  return Object.fromEntries(Object.entries(blocks).filter(([, block]) => isKept(block)));
}

/** ICC.1:2022, §7.2: a header of 128 bytes that names its length and signs itself. */
function isProfile(bytes: Uint8Array): boolean {
  const icc = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return (
    icc.length > 128 &&
    icc.length <= MOST_PROFILE &&
    icc.readUInt32BE(0) <= icc.length &&
    icc.toString('latin1', 36, 40) === 'acsp'
  );
}

/** Times and counts as GIF and WebP hold them. */
function inRange(value: number): number {
  return Math.max(0, Math.min(65535, value));
}

function coloursOf(space: string | undefined): PhotoHead['colours'] {
  if (space === 'srgb' || space === 'rgb16' || space === 'rgb' || space === 'scrgb') return 'rgb';
  if (space === 'b-w' || space === 'grey16') return 'grey';
  return space === 'cmyk' ? 'cmyk' : 'other';
}

/** libvips gives 72 to files that do not say; a resolution of nothing is none. */
function resolution(density: number | undefined): number | undefined {
  return density !== undefined && density >= 1 && density <= 100_000 && density !== 72 ? density : undefined;
}

/** Bytes of memory that decoding so many pixels takes besides what it gives. */
function unpackedBytes(format: SourceFormat, progressive: boolean, pixels: number): number {
  return streams(format, progressive) ? 0 : bytesToUnpack(format) * pixels;
}

/** Whether the decoder needs but a band of the picture at a time. */
function streams(format: SourceFormat, progressive: boolean): boolean {
  return !progressive && (format === 'jpeg' || format === 'png' || format === 'tiff');
}

/** Coefficients of a progressive JPEG take 2 bytes for each of 3 channels; the others are unpacked to RGBA and their own buffers. */
function bytesToUnpack(format: SourceFormat): number {
  return format === 'jpeg' ? 6 : 8;
}
