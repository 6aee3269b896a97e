import { RAW_INPUT, segmentFormat } from '../data/video/codecs.ts';
import type { FrameSource } from '../data/video/frame-reader.ts';
import { FrameWriter } from '../data/video/frame-writer.ts';
import { FFMPEG_FORMAT } from '../data/video/output.ts';
import type { FilmPainter } from './film-painter.ts';
import type { FilmPlan } from './film-plan.ts';
import { LedSink, SegmentSink } from './film-sink.ts';
import type { FilmPosition } from './film-source.ts';
import { type FilmResult, paintFilm } from './paint-film.ts';
import type { SegmentKeeper } from './segment-store.ts';

export interface PaintSegmentsOptions {
  /** Where the source begins; at the film's beginning unless given. */
  readonly from: FilmPosition | undefined;
  /** Its frames from there up to the first segment: they are painted for what the painter remembers of them, and thrown away. */
  readonly lead?: number;
  /** Number of the first segment. */
  readonly first: number;
  /** How many to paint; up to the film's end unless given. */
  readonly segments?: number;
  /** What is written, for messages. */
  readonly target: string;
  /** A film that is stopped ends there, with a segment that may be shorter; otherwise only whole ones are kept. */
  readonly endsWhereStopped?: boolean;
  /** @param done frames from the film's beginning. */
  readonly onFrame: (done: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Paints segments of a film that follow one another, each to the bytes that it has in the whole film.
 *
 * @param source at `from`. @param painter with the memory that it had there. @param keeper gets each segment that is finished.
 * @throws what source, painter and keeper throw. {FileError} a segment cannot be written.
 */
export async function paintSegments(
  plan: FilmPlan,
  source: FrameSource,
  painter: FilmPainter,
  keeper: SegmentKeeper,
  {
    from,
    lead = 0,
    first,
    segments,
    target,
    endsWhereStopped = false,
    onFrame,
    signal,
  }: PaintSegmentsOptions,
): Promise<FilmResult> {
  const { width, height, timeBase, stream, encoding, segment, usual, end, output } = plan;
  const format = FFMPEG_FORMAT[segmentFormat(output.codec, stream.alpha)];
  const writer = new FrameWriter();
  try {
    const how = { writer, encoding: [...RAW_INPUT, ...encoding], stream, timeBase, target };
    const sink = new SegmentSink(keeper, { ...how, format, frames: segment }, first);
    const most = segments === undefined ? undefined : lead + segments * segment;
    const film = { width, height, timeBase, usual, end, from, most, onFrame, signal };
    const result = await paintFilm(source, painter, lead === 0 ? sink : new LedSink(sink, lead), film);
    if (result.isStopped) await (endsWhereStopped ? sink.finish() : sink.settle());
    return result;
  } finally {
    await writer.close();
  }
}
