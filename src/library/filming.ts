/** What implements the library's `video`: the same run that the command line starts. */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { PRESETS, VIDEO_CODECS } from '../data/video/codecs.ts';
import type { PipedBytes } from '../data/video/standard-input.ts';
import { ConfigError, expected, InterruptedError } from '../system/errors.ts';
import { checkSettings, choiceSetting, ownSetting, type SettingsTable } from '../system/settings.ts';
import type { VideoCall } from '../video/run/call.ts';
import { paintFilmOf } from '../video/run/film-run.ts';
import { DEFAULT_STEADY, STEADY_CHOICES } from '../video/steady/setting.ts';
import { byOptionNames } from './by-option-names.ts';
import { endStream, ownPath } from './gather-input.ts';
import { fileOrBytes } from './open-input.ts';
import { flag, givenOf, number, text, textsSetting, unchecked } from './option-rows.ts';
import type { PaintedVideo, VideoCallbacks, VideoOptions, VideoSourceInput } from './video-options.ts';

const typed = ownSetting(
  (value, name) => {
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return String(value);
    throw new ConfigError(expected(`a number or a text for ${name}`, value));
  },
  { default: '' },
);
const OPTIONS = {
  ...{ video: unchecked, mask: unchecked, style: textsSetting },
  ...{ blend: text, out: text, preview: text, inputFormat: text },
  ...{ scale: typed, fps: typed, start: typed, duration: typed },
  ...{ stroke: number, amount: number, crf: number },
  ...{ audio: flag, overwrite: flag, invertMask: flag },
  colors: choiceSetting(['style', 'photo', 'histogram'], { default: 'style' }),
  steady: choiceSetting(STEADY_CHOICES, { default: DEFAULT_STEADY }),
  codec: choiceSetting(VIDEO_CODECS, { default: 'h264' }),
  preset: choiceSetting(PRESETS, { default: 'veryfast' }),
  precision: choiceSetting(['auto', 'f32', 'bf16'], { default: 'auto' }),
} as const satisfies Record<keyof VideoOptions, SettingsTable[string]>;

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

/** @throws {ConfigError} an unknown option, or one of another kind. */
export function checkFilmOptions(options: Readonly<Record<string, unknown>>): void {
  checkSettings(OPTIONS, givenOf(options), 'a film');
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
  const { video, mask, out, scale, fps, start, duration, preset, ...rest } = given as unknown as VideoOptions;
  const asTyped = Object.entries(givenOf({ scale, fps, start, duration }));
  return {
    ...{
      steady: DEFAULT_STEADY,
      amount: 1,
      colors: 'style',
      audio: true,
      precision: 'auto',
      overwrite: false,
    },
    ...rest,
    preset: preset ?? OPTIONS.preset.default,
    ...Object.fromEntries(asTyped.map(([name, value]) => [name, String(value)])),
    video: sourceOf(video),
    ...(out === undefined ? {} : { out: ownPath(out) }),
    ...(mask === undefined ? {} : { mask: await fileOrBytes(mask, 'mask', signal) }),
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
