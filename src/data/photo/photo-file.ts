/**
 * Photos as files, with all that photographers expect to get back: depth, transparency, colour profile, metadata. The simple
 * way, for pictures of 8 bit alone, is `image-file.ts`.
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { inBits, type LayeredPicture } from '../../picture.ts';
import { asFileError, refuseToOverwrite, replaceFileAtomically } from '../../system/atomic-file.ts';
import { expected, ImageError } from '../../system/errors.ts';
import { ScratchFile } from '../../system/scratch-file.ts';
import { ABILITIES } from '../picture-format.ts';
import { plainTiffOf } from '../plain-tiff.ts';
import { damageLine } from './damage.ts';
import type { Photo } from './decode.ts';
import { encodePhoto, type PhotoOutput, tiffNotes } from './encode.ts';
import type { PhotoSource } from './examine.ts';
import { readHead } from './head.ts';
import { openSource, STANDARD, sourceOfBytes } from './source.ts';

/** Pixels of a photo, all frames together, that are taken to be meant; what is larger is asked for. */
export const MOST_PIXELS = 500e6;

export interface OpenOptions {
  /** A photo of more pixels, all frames together, is refused. */
  readonly maxPixels?: number | undefined;
  /** As in `Photo`. */
  readonly onDamage?: ((line: string) => void) | undefined;
}

/**
 * Opens a photo: what it is and what it says of itself. Its pixels are not decoded yet, so a file that promises more than
 * memory holds costs nothing.
 *
 * @param path `-` is standard input.
 * @throws {ImageError} it cannot be read, is no picture, or has more than `maxPixels`.
 */
export async function openPhoto(path: string, options: OpenOptions = {}): Promise<Photo> {
  return photoOf(await openSource(path, options.onDamage !== undefined), options);
}

/** As `openPhoto`, for the bytes of a photo's file. @param name what to call it in messages. */
export async function photoOfBytes(
  bytes: Uint8Array,
  name: string,
  options: OpenOptions = {},
): Promise<Photo> {
  return photoOf(sourceOfBytes(bytes, name, options.onDamage !== undefined), options);
}

async function photoOf(
  source: PhotoSource,
  { maxPixels = MOST_PIXELS, onDamage }: OpenOptions,
): Promise<Photo> {
  const head = await readHead(source, onDamage === undefined ? source.failOn : 'none');
  const { width, height, frames } = head;
  if (width * height * frames > maxPixels) {
    const times = frames > 1 ? ` × ${frames} frames` : '';
    const count = (pixels: number) => `${pixels.toLocaleString('en')} pixels`;
    throw new ImageError(
      expected(
        `at most ${count(maxPixels)} in ${source.name}`,
        `${width}×${height}${times}, ${count(width * height * frames)}`,
        `raise --max-pixels to ${Math.ceil((width * height * frames) / 1e6)}M if that is intended`,
      ),
    );
  }
  if (source.damage !== undefined) onDamage?.(damageLine(`${source.name} ${source.damage}`));
  return { source, head, onDamage };
}

/** Bits per sample that a picture is written in. */
export function writtenBits({ format, depth }: PhotoOutput): 8 | 16 {
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
