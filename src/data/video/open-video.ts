import type { Picture } from '../../picture.ts';
import { expected, ImageError } from '../../system/errors.ts';
import type { FfmpegAbilities } from '../ffmpeg-abilities.ts';
import { STANDARD } from '../photo/source.ts';
import { type DecodeOptions, decodeArguments } from './decode-arguments.ts';
import type { VideoFacts } from './facts.ts';
import { FrameReader, type FrameSource } from './frame-reader.ts';
import { findInput, type InputOptions, SELF_CONTAINED, type VideoInput } from './input.ts';
import { PictureReader } from './picture-reader.ts';
import { probeVideo } from './probe.ts';
import type { PipedBytes } from './standard-input.ts';

/** Pictures per second of a row. */
const USUAL_RATE = { num: 25, den: 1 };

export interface OpenedVideo {
  readonly input: VideoInput;
  readonly facts: VideoFacts;
  /** Takes away what was stored on the way. */
  dispose(): Promise<void>;
}

/**
 * Opens whatever a video can come from. @param named `-` is standard input; bytes as they come.
 *
 * @throws {FileError | ConfigError} as `findInput`. {ImageError} it cannot be read, or holds no video.
 */
export async function openVideo(named: string | PipedBytes, options: InputOptions): Promise<OpenedVideo> {
  if (named === STANDARD || typeof named !== 'string') {
    const { openPiped, openStandardInput } = await import('./standard-input.ts');
    const reading = options.format === undefined ? SELF_CONTAINED : ['-f', options.format];
    return typeof named === 'string' ? openStandardInput(reading) : openPiped(named, reading);
  }
  const input = await findInput(named, options);
  const dispose = async () => {};
  if (input.kind === 'pictures') {
    const { probeRow } = await import('./picture-row.ts');
    return { input, facts: await probeRow(input, options.rate ?? USUAL_RATE), dispose };
  }
  if (input.kind === 'file') {
    const { isWebp, openAnimation } = await import('./animation-input.ts');
    if (await isWebp(named)) return { ...(await openAnimation(named)), dispose };
  }
  return { input, facts: await probeVideo(input), dispose };
}

interface SourceOptions extends DecodeOptions {
  /** Frames of what is wanted that are skipped. Defaults to 0; not together with `seek`. */
  readonly skip?: number | undefined;
}

/** Opens a video's frames, wherever they come from. */
export function openFrameSource(
  input: VideoInput,
  facts: VideoFacts,
  abilities: FfmpegAbilities,
  { skip = 0, ...options }: SourceOptions,
): FrameSource {
  if (input.kind === 'pictures') return new PictureReader(input.files, facts, options, skip);
  const { width, height, alpha = false, seek, looked } = options;
  return new FrameReader(decodeArguments(facts, input, abilities, options), {
    ...{ width, height, alpha, skip, isSparse: looked !== undefined },
    ...{ isSought: seek !== undefined, feed: input.feed?.() },
  });
}

interface FrameOptions {
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
