/** Animated GIF and WebP: all frames at once, as their decoders build each on the one before. */
import { interleaved, type LayeredPicture, type PictureSize, separated } from '../../picture.ts';
import { asUnreadable, asUnwritable, refusedBySystem } from '../picture-errors.ts';
import { sharp } from '../sharp.ts';
import type { FailOn } from './examine.ts';
import { decodeDamaged, type Photo } from './read-photo.ts';
import type { PhotoOutput } from './write-photo.ts';

/** Frames below one another, [count · height, width, 4], 8 bit in sRGB. */
export interface Frames extends PictureSize {
  readonly count: number;
  readonly samples: Uint8Array;
}

/** Bytes of memory that frames take, decoded and painted. */
export function framesBytes({ width, height, frames }: Photo['head']): number {
  return 2 * 4 * width * height * frames;
}

/** @throws {ImageError} a frame is damaged. */
export function decodeFrames(photo: Photo): Promise<Frames> {
  return decodeDamaged(photo, (failOn) => decodeAll(photo, failOn));
}

async function decodeAll({ source, head }: Photo, failOn: FailOn): Promise<Frames> {
  const { data, info } = await sharp(source.content, { failOn, limitInputPixels: false, pages: -1 })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw asUnreadable(error, source.name);
    });
  return { width: info.width, height: info.height / head.frames, count: head.frames, samples: data };
}

/** One of the frames. */
export function frameOf({ width, height, samples }: Frames, i: number): LayeredPicture {
  const length = 4 * width * height;
  return { width, height, ...separated(samples.subarray(i * length, (i + 1) * length), 4) };
}

/** Puts a painted frame into its place. */
export function setFrame(
  { width, height, samples }: Frames,
  i: number,
  { pixels, alpha }: LayeredPicture,
): void {
  samples.set(interleaved(pixels, alpha), i * 4 * width * height);
}

/**
 * Encodes an animation as GIF or WebP.
 *
 * @param delays milliseconds of each frame. @param loop how often all are shown; 0 is for ever.
 * @throws {ImageError} the format cannot hold it. {FileError} no room.
 */
export async function encodeAnimation(
  { width, height, count, samples }: Frames,
  { delays, loop }: Photo['head'],
  { format, quality = 90, lossless = false }: PhotoOutput,
  path: string,
): Promise<void> {
  const raw = { width, height: height * count, channels: 4, pageHeight: height } as const;
  const input = sharp(samples, { raw, limitInputPixels: false });
  const times = { loop, ...(delays.length === count ? { delay: [...delays] } : {}) };
  const encoded =
    format === 'gif' ? input.gif(times) : input.webp({ ...times, quality, lossless, smartSubsample: true });
  await encoded.toFile(path).catch((error: unknown) => {
    const refused = refusedBySystem(path);
    if (refused !== undefined) throw refused;
    throw asUnwritable(error, { width, height }, `an animated ${format}`);
  });
}
