import type { PictureSize } from '../picture.ts';
import { choiceSetting, wholeSetting } from '../system/setting-kinds.ts';
import { checkOptions, type RowsOf, unchecked } from './option-rows.ts';
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

const OPTIONS = {
  side: wholeSetting([1, Number.POSITIVE_INFINITY], { default: 1 }),
  format: choiceSetting(['jpeg', 'png', 'webp'], { default: 'jpeg' }),
  quality: wholeSetting([1, 100], { default: 92 }),
  signal: unchecked,
} satisfies RowsOf<ShrinkOptions>;

/**
 * A photo as a picture for a screen: upright, in sRGB of 8 bit, transparency on white, without metadata. Reads whatever
 * `Stylizer.stylize` reads, so that a browser can show HEIC and TIFF, too. Needs no TensorFlow.
 *
 * @throws {ConfigError} an unknown or invalid option. {ImageError} the photo cannot be read. The signal's
 * reason, where it is aborted.
 */
export async function shrinkPhoto(photo: PhotoSourceInput, options: ShrinkOptions): Promise<ShrunkPhoto> {
  checkOptions(OPTIONS, options, 'shrinkPhoto');
  const { side, format = 'jpeg', quality, signal } = options;
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
