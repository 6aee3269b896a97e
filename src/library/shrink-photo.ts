import type { PictureSize } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { requireKnown } from './known-options.ts';
import type { PhotoSourceInput } from './options.ts';

/** What `shrinkPhoto` takes. */
export interface ShrinkOptions {
  /** Longer side of the picture in px; a smaller photo keeps its size. */
  readonly side: number;
  /** Defaults to `jpeg`. */
  readonly format?: 'jpeg' | 'png' | 'webp';
  /** 1 to 100 for JPEG (default 92) and WebP (90). */
  readonly quality?: number;
  readonly signal?: AbortSignal;
}

/** A photo as a small picture file. */
export interface ShrunkPhoto {
  readonly bytes: Uint8Array;
  /** Size of the photo itself, upright. */
  readonly photo: PictureSize;
}

const KNOWN = { side: true, format: true, quality: true, signal: true } satisfies Record<
  keyof ShrinkOptions,
  true
>;

/**
 * A photo as a picture for a screen: upright, in sRGB of 8 bit, transparency on white, without metadata. Reads whatever
 * `Stylizer.stylize` reads, so that a browser can show HEIC and TIFF, too. Needs no TensorFlow.
 *
 * @throws {ConfigError} an option that there is not, or that cannot be used. {ImageError} the photo cannot be read. The signal's
 * reason, where it is aborted.
 */
export async function shrinkPhoto(photo: PhotoSourceInput, options: ShrinkOptions): Promise<ShrunkPhoto> {
  requireKnown(options, Object.keys(KNOWN));
  const { side, format = 'jpeg', quality, signal } = options;
  if (!Number.isInteger(side) || side < 1)
    throw new ConfigError(expected('a positive whole number for side', side));
  if (!['jpeg', 'png', 'webp'].includes(format))
    throw new ConfigError(expected('jpeg, png or webp for format', format));
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100))
    throw new ConfigError(expected('a whole number from 1 to 100 for quality', quality));
  // Only now: importing the library loads no codecs.
  const { fileOrBytes, openInput } = await import('./open-input.ts');
  const { encodePicture, readPicture } = await import('../data/image-file.ts');
  const source = await fileOrBytes(photo, 'the picture', signal);
  const { head } = await openInput(typeof source === 'string' ? source : source.bytes);
  const { width, height } = head;
  const longSide = Math.min(side, Math.max(width, height));
  const picture = await readPicture(source, { longSide });
  signal?.throwIfAborted();
  return { bytes: await encodePicture(picture, format, quality), photo: { width, height } };
}
