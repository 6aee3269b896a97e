/** Photos to pixels: upright, in sRGB by their profile, in the depth they have, transparency kept. */
import { isSrgbProfile } from '../colour-profile.ts';
import { type LayeredPicture, type Samples, separated } from '../picture.ts';
import { asUnreadable } from '../picture-errors.ts';
import { type Sharp, type SharpOptions, sharp } from '../sharp.ts';
import type { PhotoHead } from './head.ts';
import type { PhotoSource } from './source.ts';

/** A photo of which the head has been read. */
export interface Photo {
  readonly source: PhotoSource;
  readonly head: PhotoHead;
}

/**
 * A photo on its way to samples of `head.depth` bits, RGB or RGB and alpha.
 *
 * Of 16 bit, libvips must not pass through 8: sharp converts such colours by their profile to Display P3 first, from
 * which the profile asked for takes them to sRGB, 16 bits all the way. Grey of 16 bit is taken as sRGB's grey.
 */
export function uprightSamples({ source, head }: Photo, options?: SharpOptions): Sharp {
  const { depth, profile, colours } = head;
  // By way of P3 and back, sRGB itself would come out changed.
  const ignoreIcc = profile === undefined || (depth === 16 && isSrgbProfile(profile));
  const input = sharp(source.content, { failOn: 'error', limitInputPixels: false, ignoreIcc, ...options });
  if (depth === 8) return input.autoOrient().pipelineColourspace('srgb').toColourspace('srgb');
  const deep = input.autoOrient().toColourspace('rgb16');
  return ignoreIcc || colours === 'grey' ? deep : deep.withIccProfile('srgb');
}

/**
 * Decodes a still picture, or the first frame of an animation, whole.
 *
 * @throws {ImageError} it is damaged or cut short.
 */
export async function decodePhoto(photo: Photo): Promise<LayeredPicture> {
  const { data, info } = await uprightSamples(photo)
    .raw({ depth: photo.head.depth === 8 ? 'uchar' : 'ushort' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw asUnreadable(error, photo.source.name);
    });
  const { width, height, channels } = info;
  return { width, height, ...separated(samplesOf(data, photo.head.depth), channels) };
}

/** Bytes of samples as numbers. */
export function samplesOf(bytes: Uint8Array, depth: 8 | 16): Samples {
  if (depth === 8) return bytes;
  const { buffer, byteOffset, length } = bytes;
  return byteOffset % 2 === 0
    ? new Uint16Array(buffer, byteOffset, length / 2)
    : new Uint16Array(bytes.slice().buffer);
}
