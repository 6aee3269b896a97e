/** A video that comes as a stream, as through standard input: looked at while it comes, then handed on piece by piece. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asFileError } from '../../system/atomic-file.ts';
import { ConfigError, expected, ImageError } from '../../system/errors.ts';
import { scratchFolder } from '../../system/scratch-file.ts';
import { fileUrl, startProbe } from '../ffmpeg.ts';
import type { VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { firstFrame, PROBING, probeVideo } from './probe.ts';
import { filmStream, type Probe, readFacts } from './read-facts.ts';

export interface PipedVideo {
  readonly input: VideoInput;
  readonly facts: VideoFacts;
  /** Takes away what was stored on the way. */
  dispose(): Promise<void>;
}

/** Top-level boxes that MP4 and MOV begin with: of all kinds these alone may have their header after gigabytes of frames. */
const BEGINS_A_BOX = /^(ftyp|moov|mdat|wide|free|skip|pnot)$/;

/** Bytes after which a video has no head that can be found. */
const MOST_LOOKED = 32 * 2 ** 20;

/** Bytes of a video as they come. */
export interface PipedBytes {
  /** What to call it in messages, as `standard input`. */
  readonly name: string;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Nothing more is read. */
  close(): void;
}

/** Opens standard input. @throws {ConfigError} it is a terminal. {ImageError} as `openPiped`. */
export async function openStandardInput(options: readonly string[] = []): Promise<PipedVideo> {
  const { stdin } = process;
  if (stdin.isTTY)
    throw new ConfigError(
      expected('a video in standard input', 'a terminal', 'put cat clip.mp4 | before the command'),
    );
  const close = () => void stdin.destroy();
  return openPiped({ name: 'standard input', pieces: stdin, close }, options);
}

/**
 * Opens a video that comes as a stream. One whose head is at its end, as cameras write MP4, is stored first (known by its
 * first box, and by being over before its head was looked through); any other is painted as it comes.
 *
 * @throws {ImageError} there is no video in it.
 */
export async function openPiped(
  { name, pieces: source, close }: PipedBytes,
  options: readonly string[] = [],
): Promise<PipedVideo> {
  const called = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const pieces = source[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  const { found, isWhole } = await probeHead(pieces, kept, options);
  const box = Buffer.concat(kept.slice(0, 8)).toString('latin1', 4, 8);
  const rest = { [Symbol.asyncIterator]: () => ({ next: () => pieces.next() }) };
  const feed = (async function* () {
    yield* kept;
    kept.length = 0;
    yield* rest;
  })();
  if (
    !(isWhole && BEGINS_A_BOX.test(box)) &&
    found?.streams?.some(({ codec_type }) => codec_type === 'video')
  ) {
    const input: VideoInput = {
      ...{ name: called, options, url: 'pipe:0', kind: 'stream', files: [], isOnce: true },
      feed: () => feed,
    };
    const frame = await firstFrame(filmStream(found.streams), input, kept);
    const dispose = async () => close();
    return { input, facts: readFacts(found, frame, called), dispose };
  }
  // What never ends must not fill the disk.
  if (!isWhole && !BEGINS_A_BOX.test(box))
    throw new ImageError(expected(`a video in ${name}`, 'something that cannot be read as one'));
  const folder = await mkdtemp(join(scratchFolder(), 'fast-style-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'video');
    await pipeline(feed, createWriteStream(path)).catch((error: unknown) => {
      throw asFileError(error, `store ${name} in ${folder}`);
    });
    const url = fileUrl(path);
    const input: VideoInput = { name: called, options, url, kind: 'file', files: [path], isOnce: true };
    return { input, facts: await probeVideo(input), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Lets ffprobe look at the first pieces, which are kept, until it has seen enough. @returns isWhole: these were all. */
async function probeHead(
  pieces: AsyncIterator<Uint8Array>,
  kept: Uint8Array[],
  options: readonly string[],
): Promise<{ readonly found: Probe | undefined; readonly isWhole: boolean }> {
  const child = startProbe([...PROBING, ...options, 'pipe:0'], ['pipe', 'pipe', 'ignore']);
  const [stdin, stdout] = [child.stdin!, child.stdout!];
  let said = '';
  let isOver = false;
  let isWhole = false;
  let looked = 0;
  stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
  ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const { done, value } = await pieces.next();
    if (done) {
      isWhole = true;
      break;
    }
    kept.push(value);
    looked += value.length;
    if (looked > MOST_LOOKED) child.kill();
    if (stdin.writable && !stdin.write(value))
      await Promise.race([once(stdin, 'drain').catch(() => undefined), ended]);
  }
  stdin.end();
  const found = (await ended) ? (JSON.parse(said) as Probe) : undefined;
  return { found, isWhole };
}
