import { setImmediate } from 'node:timers/promises';
import { quotient, type Rational } from '../data/video/facts.ts';
import { type DecodedFrame, type FrameSource, markOf } from '../data/video/frame-reader.ts';
import type { Picture } from '../picture.ts';
import type { FilmPainter } from './film-painter.ts';
import type { FilmSink, PaintedFrame } from './film-sink.ts';
import type { FilmPosition } from './film-source.ts';

export interface PaintFilmOptions {
  readonly width: number;
  readonly height: number;
  /** Of the frames' times. */
  readonly timeBase: Rational;
  /** Ticks that a frame lasts where the file does not say. */
  readonly usual: bigint;
  /** Where the last frame ends, in ticks, if it is known. */
  readonly end: bigint | undefined;
  /** Where the source begins; at the film's beginning unless given. */
  readonly from?: FilmPosition | undefined;
  /** Frames to paint at most; to the film's end unless given. */
  readonly most?: number | undefined;
  /** Frames in all, once they are known. */
  readonly onFrame: (done: number, seconds: number) => void;
  readonly signal: AbortSignal;
}

/** A frame whose time is after that of the one before. */
export interface FrameInOrder extends DecodedFrame {
  readonly time: bigint;
}

/** The next frame, not before `least`: times that do not grow, as in damaged files, are raised by the least that does. */
export async function nextTimed(
  source: FrameSource,
  least: bigint | undefined,
  usual: bigint,
): Promise<FrameInOrder | undefined> {
  const frame = await source.next();
  if (frame === undefined) return undefined;
  const guess = least === undefined ? 0n : least - 1n + usual;
  const time = frame.time ?? guess;
  return { ...frame, time: least !== undefined && time < least ? least : time };
}

/** What came of it. */
export interface FilmResult {
  /** Frames from the film's beginning, those finished before included. */
  readonly frames: number;
  /** Where the film ends, in ticks. */
  readonly end: bigint;
  /** Aborted before what was wanted was painted. */
  readonly isStopped: boolean;
}

/**
 * Paints a film frame by frame between a source and a sink that work in their own threads. Each frame lasts until the next.
 *
 * The painter sees the next frame, if it is there, before it begins with one, and begins with the next while the previous one may
 * still be being written; but not while its memory is being saved.
 *
 * @throws what source, painter and sink throw.
 */
export async function paintFilm(
  source: FrameSource,
  painter: FilmPainter,
  sink: FilmSink,
  {
    width,
    height,
    timeBase,
    usual,
    end,
    from,
    most = Number.POSITIVE_INFINITY,
    onFrame,
    signal,
  }: PaintFilmOptions,
): Promise<FilmResult> {
  const next = (least: bigint | undefined) => nextTimed(source, least, usual);
  const secondsOf = (time: bigint) => Number(time) * quotient(timeBase);
  let announced: Uint8Array | undefined;
  const tell = (pixels: Uint8Array | undefined) => {
    if (pixels !== undefined && pixels !== announced) painter.foresee?.({ pixels, width, height });
    announced = pixels ?? announced;
  };
  let frames = from?.frames ?? 0;
  const last = frames + most;
  let until = from?.end;
  const send = async (painting: Promise<Picture>, when: Omit<PaintedFrame, 'pixels'>, isLast: boolean) => {
    const { pixels } = await painting;
    await sink.add({ pixels, ...when });
    frames++;
    onFrame(frames, secondsOf(when.time));
    if (signal.aborted && !isLast) return;
    await sink.added(() => painter.memory());
  };
  let lasted = from === undefined ? usual : from.end - from.last;
  let sent = Promise.resolve();
  let begun = frames;
  let frame = await next(until);
  while (frame !== undefined && begun < last && !signal.aborted) {
    begun++;
    const { pixels, alpha, time } = frame;
    const mark = markOf(frame);
    tell(pixels);
    tell(source.waiting?.pixels);
    const painting = Promise.resolve(painter.paint({ pixels, width, height }, secondsOf(time)));
    // The error surfaces where the promise is awaited.
    painting.catch(() => undefined);
    const following = await next(time + 1n);
    await sent;
    if (signal.aborted) break;
    const ends = end !== undefined && end > time && end - time < 100n * lasted ? end : time + lasted;
    until = following?.time ?? ends;
    if (following !== undefined) lasted = until - time;
    sent = send(painting, { alpha, time, until, mark }, following === undefined || begun === last);
    sent.catch(() => undefined);
    if (sink.willAsk) await sent;
    // Lets out what is finished, before painting blocks the way again.
    await setImmediate();
    frame = following;
  }
  await sent;
  const isStopped = frame !== undefined && frames < last;
  if (!isStopped) await sink.finish();
  return { frames, end: until ?? 0n, isStopped };
}
