/** Frames of a video for measuring: decoded as they are for painting, without their times. */

import type { Picture } from '../../picture.ts';
import { expected, ImageError } from '../../system/errors.ts';
import type { FfmpegAbilities } from '../ffmpeg.ts';
import { openFrameSource } from './frame-source.ts';
import { openVideo } from './open-video.ts';

export interface FrameOptions {
  /** Larger frames are shrunk to this long side, px. */
  readonly longSide: number;
  /** Seconds to skip. */
  readonly start: number;
  /** Frames at most. */
  readonly frames: number;
  /** As `ffmpegAbilities` finds them. */
  readonly abilities: FfmpegAbilities;
}

/**
 * Reads a video's frames, upright, in sRGB of 8 bit.
 *
 * @throws {FileError} the file is not there. {ImageError} nothing can be read from the file; says what ffmpeg says.
 */
export async function* videoFrames(
  path: string,
  { longSide, start, frames, abilities }: FrameOptions,
): AsyncGenerator<Picture> {
  const { input, facts, dispose } = await openVideo(path, {});
  try {
    const scale = Math.min(1, longSide / Math.max(facts.width, facts.height));
    const [width, height] = [facts.width, facts.height].map((side) => Math.max(1, Math.round(side * scale)));
    const size = { width: width!, height: height! };
    const reader = openFrameSource(input, facts, abilities, { ...size, start, most: frames });
    try {
      let count = 0;
      for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
        count++;
        yield { pixels: frame.pixels, ...size };
      }
      if (count === 0)
        throw new ImageError(expected(`a video in ${path}`, reader.end.complaint || 'no frames'));
    } finally {
      await reader.close();
    }
  } finally {
    await dispose();
  }
}
