/**
 * Photos with all that photographers expect to get back: opened, and decoded to pixels that are upright, in sRGB by their profile, in
 * the depth they have, transparency kept. The simple way, for pictures of 8 bit alone, is `image-file.ts`.
 */

import { type LayeredPicture, type Samples, separated } from '../../picture.ts';
import { DamagedImageError, expected, ImageError } from '../../system/errors.ts';
import { deepConversion } from '../coded-colours.ts';
import { isSrgbProfile, profileSpace, srgbProfile } from '../colour-profile.ts';
import type { ColourConversion } from '../linear-light.ts';
import { asUnreadable } from '../picture-errors.ts';
import { type Sharp, type SharpOptions, sharp } from '../sharp.ts';
import { type FailOn, type PhotoSource, readable } from './examine.ts';
import { type PhotoHead, readHead } from './head.ts';
import { openSource, sourceOfBytes } from './source.ts';

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

/** A photo of which the head has been read. */
export interface Photo {
  readonly source: PhotoSource;
  readonly head: PhotoHead;
  /** Takes a line on what is damaged and taken all the same; without it, what is damaged is refused. */
  readonly onDamage?: ((line: string) => void) | undefined;
}

/** A photo on its way to samples. */
interface UprightSamples {
  /** Gives samples of `head.depth` bits, RGB or RGB and alpha. */
  readonly decoder: Sharp;
  /** Brings them to sRGB, in place; absent where the decoder does. */
  readonly convert?: ColourConversion;
}

/**
 * Of 8 bit, libvips converts by the profile. Of 16 bit, colours of profiles with a matrix are converted here, since sharp takes
 * them through Display P3, whose border is not sRGB's. What is left, profiles of tables, goes that way: libvips must not
 * pass through 8 bit. Grey of 16 bit by such a profile is taken as sRGB's grey.
 */
export async function uprightSamples(
  { source, head }: Photo,
  options: SharpOptions,
): Promise<UprightSamples> {
  const { depth, profile, colours } = head;
  const isPlain = profile === undefined || (depth === 16 && isSrgbProfile(profile));
  const convert =
    source.toSrgb ??
    (depth === 8 || isPlain || profileSpace(profile) !== colours
      ? undefined
      : deepConversion(profile, await srgbProfile()));
  const ignoreIcc = isPlain || convert !== undefined;
  const input = sharp(await readable(source), { limitInputPixels: false, ignoreIcc, ...options });
  if (depth === 8) {
    const decoder = input.autoOrient().pipelineColourspace('srgb').toColourspace('srgb');
    return convert === undefined ? { decoder } : { decoder, convert };
  }
  const deep = input.autoOrient().toColourspace('rgb16');
  if (convert !== undefined) return { decoder: deep, convert };
  return { decoder: ignoreIcc || colours === 'grey' ? deep : deep.withIccProfile('srgb') };
}

/**
 * Decodes a still picture, or the first frame of an animation, whole.
 *
 * @throws {ImageError} it is damaged or cut short, and not to be taken so.
 */
export function decodePhoto(photo: Photo): Promise<LayeredPicture> {
  return decodeDamaged(photo, (failOn) => decodeWhole(photo, failOn));
}

async function decodeWhole(photo: Photo, failOn: FailOn): Promise<LayeredPicture> {
  const { decoder, convert } = await uprightSamples(photo, { failOn });
  const { data, info } = await decoder
    .raw({ depth: photo.head.depth === 8 ? 'uchar' : 'ushort' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw asUnreadable(error, photo.source.name);
    });
  const { width, height, channels } = info;
  const samples = samplesOf(data, photo.head.depth);
  convert?.(samples, channels);
  return { width, height, ...separated(samples, channels) };
}

/** Bytes of samples as numbers. */
export function samplesOf(bytes: Uint8Array, depth: 8 | 16): Samples {
  if (depth === 8) return bytes;
  const { buffer, byteOffset, length } = bytes;
  return byteOffset % 2 === 0
    ? new Uint16Array(buffer, byteOffset, length / 2)
    : new Uint16Array(bytes.slice().buffer);
}

/**
 * Decodes a photo; one that is damaged, too, where its caller takes such photos (`Photo.onDamage`).
 *
 * @throws {DamagedImageError} it is damaged, and not to be taken so. {ImageError} nothing of it can be decoded.
 */
export async function decodeDamaged<T>(
  { source, onDamage }: Photo,
  decode: (failOn: FailOn) => Promise<T>,
): Promise<T> {
  try {
    return await decode(source.failOn);
  } catch (error) {
    if (onDamage === undefined || !(error instanceof DamagedImageError)) throw error;
    const rest = await decode('none').catch(() => {
      throw new ImageError(error.message, { cause: error });
    });
    onDamage(damageLine(error.message.replace(/\.$/, '')));
    return rest;
  }
}

/** A line for `Photo.onDamage`. @param fault without a full stop. */
function damageLine(fault: string): string {
  return `${fault}; what can be read of it is taken.`;
}
