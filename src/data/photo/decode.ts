/** Photos to pixels: upright, in sRGB by their profile, in the depth they have, transparency kept. */

import { type LayeredPicture, type Samples, separated } from '../../picture.ts';
import { isSrgbProfile, profileSpace, srgbProfile } from '../colour-profile.ts';
import { deepConversion } from '../deep-colours.ts';
import type { ColourConversion } from '../linear-light.ts';
import { asUnreadable } from '../picture-errors.ts';
import { type Sharp, type SharpOptions, sharp } from '../sharp.ts';
import { decodeDamaged } from './damage.ts';
import type { FailOn, PhotoSource } from './examine.ts';
import type { PhotoHead } from './head.ts';
import { readable } from './readable.ts';

/** A photo of which the head has been read. */
export interface Photo {
  readonly source: PhotoSource;
  readonly head: PhotoHead;
  /** Takes a line on what is damaged and taken all the same; without it, what is damaged is refused. */
  readonly onDamage?: ((line: string) => void) | undefined;
}

/** A photo on its way to samples. */
export interface UprightSamples {
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
