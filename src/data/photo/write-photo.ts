/** Painted pictures to files: format, quality, depth, transparency, colour profile, metadata. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { inBits, type LayeredPicture } from '../../picture.ts';
import { asFileError, refuseToOverwrite, replaceFileAtomically } from '../../system/atomic-file.ts';
import { ScratchFile } from '../../system/scratch-file.ts';
import { srgbProfile, withProfileFile } from '../colour-profile.ts';
import { asUnwritable, refusedBySystem } from '../picture-errors.ts';
import { ABILITIES, type PhotoFormat } from '../picture-format.ts';
import { type PlainTiff, plainTiffOf, type TiffNotes } from '../plain-tiff.ts';
import { type Sharp, sharp } from '../sharp.ts';
import { ExifStandIn, exifFits } from './exif.ts';
import { iptcResource, type KeptMetadata } from './metadata.ts';
import { STANDARD } from './source.ts';
import { appendTiffMetadata } from './tiff-metadata.ts';

/** How a painted picture is to be written. */
export interface PhotoOutput {
  readonly format: PhotoFormat;
  /** Bits per sample; formats without 16 take 8. */
  readonly depth: 8 | 16;
  /** 1 to 100 for JPEG, WebP and AVIF; each format's own where it is not given. */
  readonly quality?: number;
  /** WebP and AVIF without loss. */
  readonly lossless?: boolean;
  /** What transparency is laid on where the format has none: a colour that CSS knows. Defaults to white. */
  readonly background?: string;
  /** sRGB's own is written into the file as `'srgb'`; any other has the pixels converted to it; none is not mentioned. */
  readonly profile?: 'srgb' | Uint8Array;
  readonly metadata?: KeptMetadata;
}

const DEFAULT_QUALITY = { jpeg: 92, webp: 90, avif: 75 } as const;
/** Below, colour at half resolution loses less than quantising it more coarsely would. */
const FULL_COLOUR_FROM = 80;

const RESOLVED_BY_EXIF: ReadonlySet<PhotoFormat> = new Set(['jpeg', 'webp', 'avif']);

/** What the plain TIFF that is handed to `encodePhoto` must say. */
export async function tiffNotes({ format, profile, metadata }: PhotoOutput): Promise<TiffNotes> {
  const { iptc, density } = metadata ?? {};
  return {
    icc: profile === undefined ? undefined : await srgbProfile(),
    iptc: iptc !== undefined && format === 'jpeg' ? iptcResource(iptc) : undefined,
    density,
  };
}

/**
 * Encodes a picture that lies in a plain TIFF.
 *
 * @param tiff its path, or the bytes of one. @param path where to write; on failure what is there is the caller's to remove.
 * @throws {ImageError} the picture is larger than the format can hold. {FileError} no room.
 */
export async function encodePhoto(
  tiff: string | Uint8Array,
  picture: PlainTiff,
  output: PhotoOutput,
  path: string,
): Promise<void> {
  const { format, profile, metadata = {} } = output;
  const { exif, xmp, iptc, density } = metadata;
  const input = sharp(tiff, { sequentialRead: true, limitInputPixels: false });
  const deep = picture.bits === 16 ? input.toColourspace('rgb16') : input;
  const { alpha } = ABILITIES[format];
  const flat =
    picture.channels === 4 && !alpha ? deep.flatten({ background: output.background ?? '#ffffff' }) : deep;
  // A JPEG's own codes are chosen by its coefficients, of which libvips then keeps the whole picture's.
  const inBands = typeof tiff === 'string';
  const encoded = settings(flat, output, { density, inBands });
  const standIn = exif !== undefined && exifFits(exif, format) ? new ExifStandIn(exif) : undefined;
  if (iptc !== undefined && format === 'jpeg') encoded.keepMetadata();
  if (profile === 'srgb') encoded.keepIccProfile();
  if (standIn !== undefined) encoded.withExif(standIn.fields);
  // These have no other place for a resolution; libvips then writes EXIF of nothing else.
  else if (density !== undefined && RESOLVED_BY_EXIF.has(format)) encoded.keepExif();
  if (xmp !== undefined && ABILITIES[format].metadata) encoded.withXmp(xmp);
  const write = async () => {
    await encoded.toFile(path).catch((error: unknown) => {
      const refused = refusedBySystem(path);
      if (refused !== undefined) throw refused;
      throw asUnwritable(error, picture, format);
    });
  };
  if (profile instanceof Uint8Array) {
    await withProfileFile(profile, async (file) => {
      encoded.withIccProfile(file);
      await write();
    });
  } else {
    await write();
  }
  await standIn?.replace(path);
  if (format === 'tiff' && (exif !== undefined || iptc !== undefined))
    await appendTiffMetadata(path, { exif, iptc });
}

/** Bits per sample that a picture is written in. */
function writtenBits({ format, depth }: PhotoOutput): 8 | 16 {
  return ABILITIES[format].depth < depth ? 8 : depth;
}

/** Encodes a picture that is whole in memory into a file. Throws as `encodePhoto`. */
export async function encodeWhole(
  { width, height, pixels, alpha }: LayeredPicture,
  output: PhotoOutput,
  path: string,
): Promise<void> {
  const bits = writtenBits(output);
  const written = {
    width,
    height,
    pixels: inBits(pixels, bits),
    ...(alpha && { alpha: inBits(alpha, bits) }),
  };
  const tiff = { width, height, bits, channels: alpha === undefined ? 3 : 4 } as const;
  await encodePhoto(plainTiffOf(written, await tiffNotes(output)), tiff, output, path);
}

/**
 * Writes a file atomically, or standard output when it is whole.
 *
 * @param target `-` is standard output. @param encode writes into the path that it is given.
 * @throws {FileError} the file exists and `overwrite` is not set, or it cannot be written.
 */
export async function deliver(
  target: string,
  encode: (path: string) => Promise<void>,
  overwrite: boolean,
): Promise<void> {
  if (target !== STANDARD) {
    if (!overwrite) await refuseToOverwrite(target);
    await replaceFileAtomically(target, encode, { overwrite });
    return;
  }
  const file = new ScratchFile();
  try {
    await encode(file.path);
    await pipeline(createReadStream(file.path), process.stdout, { end: false });
  } catch (error) {
    throw asFileError(error, 'write a temporary file');
  } finally {
    file.close();
  }
}

/** Whether `background` can be this. */
export function isColour(text: string): boolean {
  try {
    sharp({ create: { width: 1, height: 1, channels: 3, background: text } });
    return true;
  } catch {
    return false;
  }
}

function settings(
  picture: Sharp,
  { format, quality, lossless = false }: PhotoOutput,
  { density, inBands }: { readonly density: number | undefined; readonly inBands: boolean },
): Sharp {
  switch (format) {
    case 'jpeg': {
      const used = quality ?? DEFAULT_QUALITY.jpeg;
      const chromaSubsampling = used >= FULL_COLOUR_FROM ? '4:4:4' : '4:2:0';
      return picture.jpeg({ quality: used, chromaSubsampling, optimiseCoding: !inBands });
    }
    case 'webp':
      return picture.webp({ quality: quality ?? DEFAULT_QUALITY.webp, smartSubsample: true, lossless });
    case 'avif': {
      const used = quality ?? DEFAULT_QUALITY.avif;
      const chromaSubsampling = lossless || used >= FULL_COLOUR_FROM - 20 ? '4:4:4' : '4:2:0';
      return picture.avif({ quality: used, chromaSubsampling, lossless });
    }
    case 'tiff': {
      // sharp would write 1 pixel per millimetre over what the picture says.
      const perMillimetre = (density ?? 72) / 25.4;
      const resolution = { xres: perMillimetre, yres: perMillimetre, resolutionUnit: 'inch' } as const;
      return picture.tiff({ compression: 'deflate', predictor: 'horizontal', ...resolution });
    }
    case 'png':
      return picture.png();
    case 'gif':
      return picture.gif();
  }
}
