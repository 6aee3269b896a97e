/** What implements the library's `video`: the same run that the command line starts. */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { PipedBytes } from '../data/video/standard-input.ts';
import { ConfigError, expected, InterruptedError } from '../system/errors.ts';
import { checkSettings, valuesOf, withoutRows } from '../system/settings.ts';
import { VIDEO_SETTINGS, type VideoCall } from '../video/run/call.ts';
import { paintFilmOf } from '../video/run/film-run.ts';
import { byOptionNames } from './by-option-names.ts';
import { endStream, ownPath } from './gather-input.ts';
import { fileOrBytes } from './open-input.ts';
import { givenOf, type RowsOf, unchecked } from './option-rows.ts';
import type { PaintedVideo, VideoCallbacks, VideoOptions, VideoSourceInput } from './video-options.ts';

/** The rows of the command, but for standard output's; video and mask come in more forms than files. */
const OPTIONS = {
  ...withoutRows(VIDEO_SETTINGS, ['format']),
  ...{ video: unchecked, mask: unchecked },
} as const satisfies RowsOf<VideoOptions>;

/** Throws as the library's `video`. */
export function filmByOptions(
  options: VideoOptions,
  { onProgress, onNote = () => undefined, signal = new AbortController().signal }: VideoCallbacks,
): Promise<PaintedVideo | undefined> {
  return byOptionNames(Object.keys(OPTIONS), async () => {
    const call = await filmCallOf(options, signal);
    const film = await paintFilmOf(call, {
      say: onNote,
      signal: () => signal,
      onFrame: (frames, total) => onProgress?.({ frames, ...(total === undefined ? {} : { total }) }),
    }).finally(() => {
      if (typeof call.video !== 'string') call.video.close();
    });
    if (film === undefined) return undefined;
    const { out: file, frames, width, height, seconds, isStopped, kept, parts, faults, cut } = film;
    if (isStopped)
      throw new InterruptedError(
        `Stopped after ${frames} frames; the same call continues after ${kept}, which are kept in ${parts}.`,
        { cause: signal.reason },
      );
    faults.forEach(onNote);
    if (cut !== undefined) throw cut;
    return { file, frames, width, height, seconds };
  });
}

/**
 * Options in the form that painting takes.
 *
 * @throws {ConfigError} an unknown option, or one of another kind. {ImageError} what is no mask. The signal's reason.
 */
export async function filmCallOf(options: VideoOptions, signal: AbortSignal): Promise<VideoCall> {
  const given = givenOf(options);
  checkSettings(OPTIONS, given, 'a film');
  signal.throwIfAborted();
  const { out, ...values } = valuesOf(OPTIONS, given);
  const { mask } = options;
  return {
    ...values,
    video: sourceOf(options.video),
    out: out === undefined ? undefined : ownPath(out),
    mask: mask === undefined ? undefined : await fileOrBytes(mask, 'mask', signal),
  };
}

function sourceOf(video: VideoSourceInput): string | PipedBytes {
  if (typeof video === 'string') return ownPath(video);
  if (video instanceof URL) return video.protocol === 'file:' ? fileURLToPath(video) : video.href;
  if (video instanceof Blob) return piped(video.stream());
  if (video instanceof ArrayBuffer) return piped(Readable.from([new Uint8Array(video)]));
  if (video instanceof Uint8Array) return piped(Readable.from([video]));
  if (typeof video === 'object' && video !== null && Symbol.asyncIterator in video) return piped(video);
  throw new ConfigError(expected('a file, an address, bytes or a stream for video', video));
}

function piped(stream: AsyncIterable<Uint8Array>): PipedBytes {
  const iterator = stream[Symbol.asyncIterator]();
  return {
    name: 'the stream',
    pieces: { [Symbol.asyncIterator]: () => iterator },
    close() {
      endStream(stream, iterator);
    },
  };
}
