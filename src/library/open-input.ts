import {
  decodePhoto,
  type OpenOptions,
  openPhoto,
  type Photo,
  photoOfBytes,
} from '../data/photo/read-photo.ts';
import type { PictureInput } from '../data/photo/source.ts';
import { plainTiffBytes } from '../data/plain-tiff.ts';
import { inBits, interleaved, type Picture } from '../picture.ts';
import { ConfigError, expected, ImageError } from '../system/errors.ts';
import { gatherInput, ownPath } from './gather-input.ts';
import type { PhotoSourceInput, PixelInput, PlainPhotoInput } from './options.ts';

/**
 * Opens what a caller hands in. Pixels go as a picture without compression, so that all ways in are one.
 *
 * @throws {ImageError} it cannot be read, is no picture, is too large, or is not as long as its sides say.
 */
export function openInput(input: PlainPhotoInput, options: OpenOptions = {}): Promise<Photo> {
  if (typeof input === 'string') return openPhoto(ownPath(input), options);
  if (input instanceof Uint8Array) return photoOfBytes(input, 'the picture', options);
  return photoOfBytes(tiffOf(input), 'the picture', options);
}

/**
 * A picture as a file's path or the bytes of one, for what reads pictures the simple way.
 *
 * @param name what to call bytes in messages. @throws {ConfigError} it is none of what a picture comes as. Else as `gatherInput`.
 */
export async function fileOrBytes(
  input: PhotoSourceInput,
  name: string,
  signal?: AbortSignal,
): Promise<PictureInput> {
  const isGiven = typeof input === 'string' ? input !== '' : typeof input === 'object' && input !== null;
  if (!isGiven)
    throw new ConfigError(expected(`a file, its bytes, a URL, a stream or pixels for ${name}`, input));
  const plain = await gatherInput(input, signal);
  if (typeof plain === 'string') return ownPath(plain);
  return { name, bytes: plain instanceof Uint8Array ? plain : tiffOf(plain) };
}

/** The picture of a mask, in 8 bit. Throws as `openInput`. */
export async function openMask(input: PlainPhotoInput, maxPixels?: number): Promise<Picture> {
  const photo = await openInput(input, { maxPixels });
  const { pixels, width, height } = await decodePhoto(photo);
  return { pixels: inBits(pixels, 8) as Uint8Array, width, height };
}

/** Pixels as the bytes of a picture without compression. Throws as `openInput`. */
export function tiffOf({ pixels, width, height, alpha }: PixelInput): Uint8Array {
  const isSide = (side: number) => Number.isInteger(side) && side >= 1;
  const count = width * height;
  const isDeep = pixels instanceof Uint16Array;
  const isSound = isDeep || pixels instanceof Uint8Array || (pixels as unknown) instanceof Uint8ClampedArray;
  if (!isSide(width) || !isSide(height) || !isSound || pixels.length !== 3 * count)
    throw new ImageError(
      expected(
        'pixels as a Uint8Array or Uint16Array of width × height × 3 samples',
        `${pixels?.length} samples for ${width}×${height}`,
      ),
    );
  if (alpha !== undefined && (alpha.length !== count || alpha instanceof Uint16Array !== isDeep))
    throw new ImageError(
      expected('alpha of width × height samples, of as many bits as the pixels', `${alpha.length} samples`),
    );
  const samples = interleaved(pixels, alpha);
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const tiff = { width, height, channels: alpha === undefined ? 3 : 4, bits: isDeep ? 16 : 8 } as const;
  return plainTiffBytes(tiff, bytes);
}
