import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileUrl } from '../data/ffmpeg.ts';
import { RAW_INPUT, segmentFormat } from '../data/video/codecs.ts';
import type { DecodeEnd } from '../data/video/complaints.ts';
import { showRational } from '../data/video/facts.ts';
import type { FrameSource } from '../data/video/frame-reader.ts';
import { FrameWriter } from '../data/video/frame-writer.ts';
import { joinGif, joinPictures, joinVideo, type Segment } from '../data/video/join.ts';
import { type Container, FFMPEG_FORMAT, refuseToReplace } from '../data/video/output.ts';
import { replaceFileAtomically, temporaryBeside } from '../system/atomic-file.ts';
import { ConfigError, expected, ImageError } from '../system/errors.ts';
import type { FilmPainter } from './film-painter.ts';
import type { FilmPlan } from './film-plan.ts';
import { StreamSink } from './film-sink.ts';
import { openFrames, openRest } from './film-source.ts';
import { paintFilm } from './paint-film.ts';
import { paintSegments } from './paint-segments.ts';
import { type FilmKey, positionAfter, SegmentStore } from './segment-store.ts';

export interface MakeOptions {
  /** What painted frames depend on besides the plan. */
  readonly key: FilmKey;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  /** Makes the painter, once there is something to paint. It is disposed of here. */
  readonly painter: () => Promise<FilmPainter>;
  /** @param done frames that were there before. */
  readonly onBegin: (done: number) => void;
  readonly onFrame: (done: number) => void;
  /** Called if a continued film has to be decoded from its beginning, since seeking failed. */
  readonly onSeekRefused?: () => void;
}

export interface FilmOutcome {
  readonly frames: number;
  /** Frames that are safe: all, or those in finished segments where painting was stopped. */
  readonly kept: number;
  readonly isStopped: boolean;
  /** How decoding ended; undefined where painting was stopped. */
  readonly decoded?: DecodeEnd;
}

/** The folder, next to the film, that holds its parts until it is whole. */
export function partsFolder(out: string): string {
  // In a name of pictures the number's place would be taken for one.
  return temporaryBeside(join(dirname(out), basename(out).replaceAll('%', '')), '.parts');
}

/**
 * Paints a film into a file: segment by segment, going on with those that are finished, then joined to the whole.
 *
 * @throws {FileError} it cannot be written, or another film's parts are in the way. {ImageError} no frame can be decoded.
 */
export async function makeFilm(plan: FilmPlan, options: MakeOptions): Promise<FilmOutcome> {
  const { output, stream } = plan;
  const { signal, overwrite, onBegin, onFrame } = options;
  const extension = segmentFormat(output.codec, stream.alpha);
  const key = { ...(await filmKey(plan)), ...options.key };
  const { isOnce, kind } = plan.input;
  const store = await SegmentStore.open(partsFolder(output.path), extension, key, {
    overwrite,
    isNew: isOnce,
  });
  const hasSound = kind === 'stream' && plan.side.args.length > 0;
  const soundFile = hasSound ? join(store.folder, 'sound.mka') : undefined;
  let painter: FilmPainter | undefined;
  let source: FrameSource | undefined;
  try {
    const from = positionAfter(store.finished);
    source =
      soundFile === undefined
        ? await openRest(plan, from, options.onSeekRefused)
        : openFrames(plan, { sound: { path: soundFile, streams: plan.side.streams } });
    painter = await options.painter();
    if (store.memory !== undefined) painter.recall(store.memory);
    onBegin(store.frames);
    const { frames, isStopped } = await paintSegments(plan, source, painter, store, {
      ...{ from, first: store.finished.length, target: store.folder, onFrame, signal },
      // A stream ends where one has enough of it.
      endsWhereStopped: isOnce,
    });
    if (isStopped && (!isOnce || frames === 0)) return { frames, kept: store.frames, isStopped };
    if (isStopped) await source.close();
    if (frames === 0) {
      await store.remove();
      throw noFrame(plan, source.end);
    }
    const side = soundFile === undefined ? plan.source : ['-i', fileUrl(soundFile)];
    const parts = { folder: store.folder, segments: store.finished };
    await joinFilm({ ...plan, source: side }, parts, isStopped ? { overwrite } : options);
    await store.remove();
    return { frames, kept: frames, isStopped: false, ...(isStopped ? {} : { decoded: source.end }) };
  } finally {
    await Promise.all([painter?.dispose(), source?.close()]);
    store.release();
  }
}

/** Why a film has come to nothing: no frame of it could be had. @param end how decoding ended. */
export function noFrame({ input, start = 0 }: FilmPlan, { complaint, code }: DecodeEnd): Error {
  if (start > 0 && code === 0 && complaint === '')
    return new ConfigError(expected(`a --start before the last frame of ${input.name}`, `${start} s`));
  return new ImageError(`${input.name} has no frame that can be decoded: ${complaint || 'it is empty'}.`);
}

/**
 * Joins all segments of a film, with what comes along with its frames, and puts the whole in its place.
 *
 * @param parts segments in their order, and a folder for what is needed on the way. @throws {FileError} it cannot be written.
 */
export async function joinFilm(
  plan: FilmPlan,
  { segments, folder }: { readonly segments: readonly Segment[]; readonly folder: string },
  { overwrite, signal }: { readonly overwrite: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  const { output, timeBase, source, side, abilities } = plan;
  const { path, container } = output;
  const how = { segments, timeBase, folder, source, side: side.args, abilities };
  const all = { ...how, ...(signal === undefined ? {} : { signal }) };
  if (container === 'pictures') {
    // Once more, as painting took its time.
    const place = overwrite ? undefined : () => refuseToReplace(output);
    await joinPictures(path, all, place);
  } else {
    const write = (temporary: string) =>
      container === 'gif' ? joinGif(temporary, all) : joinVideo(temporary, container, all);
    await replaceFileAtomically(path, write, { overwrite });
  }
}

/** What painted and encoded frames depend on: by it an interrupted film is recognised. */
export async function filmKey(plan: FilmPlan): Promise<FilmKey> {
  const { input, facts, output, width, height, rate, start, duration, abilities } = plan;
  const files = createHash('sha256');
  for (const file of input.files) {
    const { size, mtimeMs } = await stat(file);
    files.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return {
    source: input.name,
    'source file': files.digest('hex').slice(0, 16),
    frames: `${facts.codec} ${facts.width}×${facts.height} ${facts.pixelFormat} ${showRational(facts.timeBase)}`,
    ...{ codec: output.codec, size: `${width}×${height}` },
    ...{
      fps: rate === undefined ? null : showRational(rate),
      start: start ?? null,
      duration: duration ?? null,
    },
    encoding: plan.encoding.join(' '),
    ffmpeg: abilities.version,
    segment: plan.segment,
  };
}

/** MP4 and MOV that need not be gone back in. */
const IN_PIECES = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof'];

/** ffmpeg's arguments for a film to standard output, with side streams directly from its source. */
function streaming({ source, side, encoding, output }: FilmPlan, offset: number): readonly string[] {
  const container = output.container as Exclude<Container, 'pictures'>;
  return [
    ...(offset === 0 ? [] : ['-itsoffset', offset.toFixed(6)]),
    ...RAW_INPUT,
    ...source,
    ...encoding,
    ...(source.length === 0 ? [] : [...side.args, '-map_metadata', '1', '-map_chapters', '1']),
    ...(container === 'mp4' || container === 'mov' ? IN_PIECES : []),
    ...['-f', FFMPEG_FORMAT[container], 'pipe:1'],
  ];
}

/** Paints a film into standard output while it is painted; what is stopped ends there. Throws as `makeFilm`. */
export async function streamFilm(
  plan: FilmPlan,
  { painter: open, signal, onBegin, onFrame }: MakeOptions,
): Promise<FilmOutcome> {
  const { timeBase, stream, usual, end, width, height } = plan;
  const writer = new FrameWriter();
  const source = openFrames(plan);
  const sink = new StreamSink((offset) => streaming(plan, offset), {
    ...{ writer, stream, timeBase, target: 'standard output' },
  });
  const painter = await open();
  try {
    onBegin(0);
    const film = { width, height, timeBase, usual, end, onFrame, signal };
    const { frames, isStopped } = await paintFilm(source, painter, sink, film);
    if (isStopped) await sink.finish();
    return { frames, kept: frames, isStopped: false, ...(isStopped ? {} : { decoded: source.end }) };
  } finally {
    await Promise.all([painter.dispose(), source.close(), writer.close()]);
  }
}
