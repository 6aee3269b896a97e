import type { FfmpegAbilities } from '../ffmpeg.ts';
import { type DecodeOptions, decodeArguments } from './decode-arguments.ts';
import type { VideoFacts } from './facts.ts';
import { FrameReader, type FrameSource } from './frame-reader.ts';
import type { VideoInput } from './input.ts';
import { PictureReader } from './picture-reader.ts';

export interface SourceOptions extends DecodeOptions {
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
  const { width, height, alpha = false, seek } = options;
  return new FrameReader(decodeArguments(facts, input, abilities, options), {
    ...{ width, height, alpha, skip, isSought: seek !== undefined, feed: input.feed?.() },
  });
}
