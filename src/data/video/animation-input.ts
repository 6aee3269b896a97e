/** Animated WebP, which ffmpeg does not decode, as a video of raw frames. */
import { open } from 'node:fs/promises';
import { ImageError } from '../../system/errors.ts';
import { ownCommand } from '../../system/own-command.ts';
import { decodeFrames } from '../photo/animation.ts';
import { openPhoto, type Photo } from '../photo/read-photo.ts';
import { UPRIGHT, type VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { frameHead, streamHead } from './raw-matroska.ts';

/** Browsers show frames of hardly any delay for so many milliseconds. */
const [LEAST_DELAY, USUAL_DELAY] = [11, 100];

/** Whether a file is a WebP, by its first bytes. */
export async function isWebp(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
    return buffer.toString('latin1', 0, 4) === 'RIFF' && buffer.toString('latin1', 8, 12) === 'WEBP';
  } finally {
    await file.close();
  }
}

/**
 * Opens an animated WebP. Its frames are decoded all at once, as each builds on the one before.
 *
 * @throws {ImageError} it is a still picture, or damaged.
 */
export async function openAnimation(
  path: string,
): Promise<{ readonly input: VideoInput; readonly facts: VideoFacts }> {
  const photo = await openPhoto(path);
  const { width, height, frames, alpha } = photo.head;
  if (frames < 2) throw new ImageError(`${path} is a still picture; ${ownCommand('stylize')} paints those.`);
  const delays = Array.from({ length: frames }, (_, i) => {
    const delay = photo.head.delays[i] ?? USUAL_DELAY;
    return delay < LEAST_DELAY ? USUAL_DELAY : delay;
  });
  const seconds = delays.reduce((sum, delay) => sum + delay, 0) / 1000;
  const input: VideoInput = {
    ...{ name: path, kind: 'animation', files: [path], isOnce: false },
    options: ['-f', 'matroska'],
    url: 'pipe:0',
    feed: () => rawFrames(photo, delays),
  };
  const facts: VideoFacts = {
    ...{ name: path, format: 'webp', codec: 'webp', pixelFormat: alpha ? 'rgba' : 'rgb0', width, height },
    ...{ pixelAspect: { num: 1, den: 1 }, orientation: UPRIGHT, timeBase: { num: 1, den: 1000 } },
    rate: { num: Math.round((1000 * frames) / seconds), den: 1000 },
    ...{ frames, seconds, end: seconds, isInterlaced: false, others: [], chapters: 0, stream: 0 },
    colour: { isRgb: true, hasAlpha: alpha },
  };
  return { input, facts };
}

async function* rawFrames(photo: Photo, delays: readonly number[]): AsyncGenerator<Uint8Array> {
  const { width, height, samples } = await decodeFrames(photo);
  const nanoseconds = (milliseconds: number) => BigInt(milliseconds) * 1_000_000n;
  yield streamHead({ width, height, alpha: true, frameDuration: nanoseconds(delays[0]!) });
  let time = 0n;
  const bytes = 4 * width * height;
  for (const [i, delay] of delays.entries()) {
    yield frameHead(bytes, time, nanoseconds(delay));
    // A copy: of a part, another thread would be sent the whole.
    yield samples.slice(i * bytes, (i + 1) * bytes);
    time += nanoseconds(delay);
  }
}
