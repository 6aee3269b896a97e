/** Finished segments to the video asked for: joined as they are, with sound and all that came along, in one pass. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ffmpegProgram, fileUrl, runTool } from '../ffmpeg.ts';
import type { FfmpegAbilities } from '../ffmpeg-abilities.ts';
import { type Rational, toNanoseconds } from './facts.ts';
import { cannotWrite } from './frame-writer.ts';
import { type Container, FFMPEG_FORMAT } from './output.ts';

/** A file of frames in a row. Times in ticks. */
export interface Segment {
  readonly path: string;
  readonly start: bigint;
  /** Where its last frame ends. */
  readonly end: bigint;
  /** When its last frame begins. */
  readonly last: bigint;
  readonly frames: number;
}

export interface JoinOptions {
  readonly segments: readonly Segment[];
  readonly timeBase: Rational;
  /** A folder for what is needed on the way. */
  readonly folder: string;
  /** Arguments that open the source as the second input, and take streams from it; none where nothing is copied. */
  readonly source: readonly string[];
  readonly side: readonly string[];
  readonly abilities: Pick<FfmpegAbilities, 'passTimes' | 'setsDurations'>;
  readonly signal?: AbortSignal;
}

/** Writes the list that ffmpeg's concat demuxer reads. Answers its path. */
async function writeList({ segments, timeBase, folder }: JoinOptions): Promise<string> {
  const first = segments[0]!.start;
  // Each rounded from the beginning: what is cut off does not add up.
  const micros = (ticks: bigint) => (toNanoseconds(ticks - first, timeBase) + 500n) / 1000n;
  const seconds = (value: bigint) => `${value / 1_000_000n}.${String(value % 1_000_000n).padStart(6, '0')}`;
  const lines = segments.map(
    ({ path, start, end }) =>
      `file '${fileUrl(resolve(path)).replaceAll("'", "'\\''")}'\nduration ${seconds(micros(end) - micros(start))}\n`,
  );
  const list = join(folder, 'list.txt');
  await writeFile(list, `ffconcat version 1.0\n${lines.join('')}`);
  return list;
}

/**
 * Makes the film end where it should: no encoder says how long its last frame lasts. Containers count in the order of decoding,
 * so the packet that comes last makes up what is missing, but never beyond the end.
 */
function ending({ segments, timeBase, abilities }: JoinOptions): readonly string[] {
  if (!abilities.setsDurations) return [];
  const [first, { last, end }] = [segments[0]!, segments.at(-1)!];
  const inTicks = (ticks: bigint) => `${Number(toNanoseconds(ticks - first.start, timeBase)) / 1e9}/TB`;
  const count = segments.reduce((sum, { frames }) => sum + frames, 0);
  const rest = `round(${inTicks(end)})-(PTS-STARTPTS)`;
  const missing = `max(1,min(${rest},round(${inTicks(end)})-(DTS-STARTDTS)))`;
  const isLast = `gte(PTS-STARTPTS,${inTicks(last)}-0.5)`;
  const duration = `if(eq(N,${count - 1}),${missing},if(${isLast},${rest},DURATION))`;
  return ['-bsf:v', `setts=pts=PTS:dts=DTS:duration=${duration.replaceAll(',', '\\,')}`];
}

const concat = (list: string) => ['-f', 'concat', '-safe', '0', '-i', fileUrl(list)];

/** @throws {FileError} the video cannot be written. */
export async function joinVideo(
  target: string,
  container: Exclude<Container, 'gif' | 'pictures'>,
  options: JoinOptions,
): Promise<void> {
  const { segments, timeBase, source, side, signal } = options;
  const list = await writeList(options);
  const offset = Number(toNanoseconds(segments[0]!.start, timeBase)) / 1e9;
  const isMp4 = container === 'mp4' || container === 'mov';
  await run(
    [
      ...(offset === 0 ? [] : ['-itsoffset', offset.toFixed(6)]),
      ...concat(list),
      ...source,
      ...['-map', '0:v', '-c:v', 'copy', ...ending(options)],
      // Matroska counts in milliseconds; otherwise the filter of `ending` would take them for the segments' ticks.
      ...(isMp4 ? [] : ['-time_base:v', '1:1000']),
      ...side,
      ...(source.length > 0 ? ['-map_metadata', '1', '-map_chapters', '1'] : []),
      // FLAC and Opus in MP4 were experiments once.
      ...(isMp4 ? ['-movflags', '+faststart', '-strict', '-2'] : []),
      ...['-max_muxing_queue_size', '4096', '-f', FFMPEG_FORMAT[container], fileUrl(target)],
    ],
    target,
    signal,
    side.length > 0 ? '--no-audio leaves its sound out, and the painted frames are kept' : undefined,
  );
}

/** One palette for all frames, then the GIF, played for ever: two passes, as memory holds no film. */
export async function joinGif(target: string, options: JoinOptions): Promise<void> {
  const list = await writeList(options);
  const palette = fileUrl(join(options.folder, 'palette.png'));
  const one = ['-frames:v', '1', '-update', '1', '-f', 'image2', palette];
  await run([...concat(list), '-vf', 'palettegen', ...one], target, options.signal);
  await run(
    [
      ...[...concat(list), '-f', 'png_pipe', '-i', palette, '-lavfi', 'paletteuse=dither=sierra2_4a'],
      // A GIF counts in hundredths of a second; of a rate's ticks some delays would be others.
      ...[...options.abilities.passTimes, '-enc_time_base', '1:100'],
      ...['-loop', '0', '-f', 'gif', fileUrl(target)],
    ],
    target,
    options.signal,
  );
}

/**
 * @param pattern name with a place for the number, which begins at 1.
 * @param allowed called when the pictures are made, before the first is put in its place; throws where it must not be.
 * @returns how many there are.
 */
export async function joinPictures(
  pattern: string,
  options: JoinOptions,
  allowed: () => Promise<void> = async () => undefined,
): Promise<number> {
  const list = await writeList(options);
  const made = join(options.folder, 'pictures');
  await mkdir(made, { recursive: true });
  // In the folder's name, ffmpeg would take a % for the number's place.
  const names = fileUrl(join(made.replaceAll('%', '%%'), basename(pattern)));
  // WebP's quality is a share of a hundred, higher is better; left to itself, ffmpeg makes one animation of all pictures.
  const how = /\.webp$/i.test(pattern) ? ['-c:v', 'libwebp', '-q:v', '90'] : ['-q:v', '2'];
  await run(
    [...concat(list), ...options.abilities.passTimes, ...how, '-f', 'image2', names],
    pattern,
    options.signal,
  );
  await mkdir(dirname(pattern), { recursive: true });
  await allowed();
  const files = await readdir(made);
  for (const file of files) await rename(join(made, file), join(dirname(pattern), file));
  return files.length;
}

async function run(
  args: readonly string[],
  target: string,
  signal: AbortSignal | undefined,
  remedy?: string,
): Promise<void> {
  const words = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args];
  const { code, complaint } = await runTool(ffmpegProgram(), words, signal === undefined ? {} : { signal });
  signal?.throwIfAborted();
  if (code !== 0) throw cannotWrite(target, complaint, remedy);
}
