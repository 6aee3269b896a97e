/** What ffprobe says of a video. */
import { once } from 'node:events';
import { ConfigError, expected, ImageError } from '../../system/errors.ts';
import { ffprobeProgram, lastWords, runTool, startProbe } from '../ffmpeg.ts';
import type { VideoFacts } from './facts.ts';
import { isOutsideList, type VideoInput } from './input.ts';
import {
  filmStream,
  type Probe,
  type ProbedFrame,
  type ProbedStream,
  readFacts,
  requireFrameSize,
} from './read-facts.ts';

/** ffprobe's, up to the options of the input. */
export const PROBING = ['-v', 'error', '-show_format', '-show_streams', '-show_chapters', '-of', 'json'];
/** For what cannot be opened twice: the first frames at once, in so many packets of all streams. */
const WITH_FRAMES = ['-show_frames', '-read_intervals', '%+#30'];

/**
 * Asks ffprobe what a video is.
 *
 * @throws {ImageError} it cannot be read, or holds no video.
 */
export async function probeVideo(input: VideoInput): Promise<VideoFacts> {
  const isReopened = input.kind === 'file';
  const isDevice = input.options.includes('-f');
  const probing = isReopened || isDevice ? PROBING : [...PROBING, ...WITH_FRAMES];
  const { code, stdout, complaint } = await runTool(ffprobeProgram(), [
    ...probing,
    ...input.options,
    input.url,
  ]);
  if (code !== 0) {
    if (isOutsideList(complaint)) {
      throw new ImageError(
        expected(
          'a file that contains a film itself',
          `${input.name}, a playlist, a script or no film at all`,
          'name the film, or its address',
        ),
      );
    }
    const reason = lastWords(complaint).replace(`${input.url}: `, '');
    throw new ImageError(`${input.name} cannot be read as a video: ${reason}.`);
  }
  const probe = JSON.parse(stdout) as Probe;
  const stream = filmStream(probe.streams ?? []);
  const frame = isReopened
    ? await firstFrame(stream, input)
    : probe.frames?.find(({ stream_index }) => stream_index === stream?.index);
  return readFacts(probe, frame, input.name);
}

/**
 * Decodes a stream's first frame: it may be turned by what lies in the stream, which the file's head does not know.
 *
 * @param head the video's beginning, where it is read from `pipe:0`. @returns undefined where none can be decoded.
 * @throws {ImageError} frames too large to be decoded.
 */
export async function firstFrame(
  stream: ProbedStream | undefined,
  { name, options, url }: Pick<VideoInput, 'name' | 'options' | 'url'>,
  head?: readonly Uint8Array[],
): Promise<ProbedFrame | undefined> {
  if (stream === undefined) return undefined;
  requireFrameSize(stream, name);
  const asked = ['-select_streams', String(stream.index), '-show_frames', '-read_intervals', '%+#4'];
  const child = startProbe(
    ['-v', 'quiet', ...asked, '-of', 'json', ...options, url],
    [head === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'],
  );
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  // It ends when it has seen enough.
  child.stdin?.on('error', () => undefined);
  for (const piece of head ?? []) child.stdin!.write(piece);
  child.stdin?.end();
  await once(child, 'close').catch(() => undefined);
  try {
    return (JSON.parse(said) as Probe).frames?.find(({ width = 0, height = 0 }) => width > 0 && height > 0);
  } catch {
    // What is damaged shows when it is painted.
    return undefined;
  }
}

/** @throws {ConfigError} a time that is none: seconds, m:s or h:m:s are. */
export function parseTime(text: string, option: string): number {
  const parts = text.trim().split(':');
  const isSound = parts.length <= 3 && parts.every((part) => /^\d+(\.\d+)?$/.test(part));
  const seconds = parts.reduce((sum, part) => 60 * sum + Number(part), 0);
  if (isSound && Number.isFinite(seconds)) return seconds;
  throw new ConfigError(expected(`a time for ${option}`, text, 'as 90, 12.5 or 1:30'));
}
