import { type FrameSource, markOf } from '../data/video/frame-reader.ts';
import type { Rational } from '../data/video/rational.ts';
import { quotient } from '../data/video/rational.ts';
import type { FilmSink } from './film-sink.ts';
import type { FramePainter } from './frame-painter.ts';

export interface FilmOptions {
  readonly width: number;
  readonly height: number;
  /** Of the frames' times. */
  readonly timeBase: Rational;
  /** Ticks that a frame lasts where nothing tells. */
  readonly usual: bigint;
  /** Where the last frame ends, in ticks, if it is known. */
  readonly end: bigint | undefined;
  /** Frames finished before, and where the last of them ended. */
  readonly done: { readonly frames: number; readonly until: bigint | undefined };
  /** Frames in all, once they are known. */
  readonly onFrame: (done: number, seconds: number) => void;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface FilmResult {
  /** Frames from the film's beginning, those finished before included. */
  readonly frames: number;
  /** Where the film ends, in ticks. */
  readonly end: bigint;
  /** Aborted before the end. */
  readonly isStopped: boolean;
}

/**
 * Paints a film frame by frame between a source and a sink that work beside it. Each frame lasts until the next; times that
 * do not grow, as in damaged files, are put right by the least that does.
 *
 * @throws whatever source, painter and sink throw.
 */
export async function paintFilm(
  source: FrameSource,
  painter: FramePainter,
  sink: FilmSink,
  { width, height, timeBase, usual, end, done, onFrame, signal }: FilmOptions,
): Promise<FilmResult> {
  const next = async (least: bigint | undefined) => {
    const frame = await source.next();
    if (frame === undefined) return undefined;
    const guess = least === undefined ? 0n : least - 1n + usual;
    const time = frame.time ?? guess;
    return { pixels: frame.pixels, time: least !== undefined && time < least ? least : time };
  };
  let { frames, until } = done;
  let lasted = usual;
  let frame = await next(until);
  while (frame !== undefined && !signal.aborted) {
    const { pixels, time } = frame;
    const seconds = Number(time) * quotient(timeBase);
    const mark = markOf(pixels);
    const painted = painter.paint({ pixels, width, height }, seconds);
    const following = await next(time + 1n);
    const last = end !== undefined && end > time && end - time < 100n * lasted ? end : time + lasted;
    until = following?.time ?? last;
    if (following !== undefined) lasted = until - time;
    await sink.add({ pixels: painted.pixels, time, until, mark });
    frames++;
    onFrame(frames, seconds);
    if (signal.aborted && following !== undefined) break;
    await sink.added(() => painter.memory());
    frame = following;
  }
  const isStopped = frame !== undefined;
  if (!isStopped) await sink.finish();
  return { frames, end: until ?? 0n, isStopped };
}
