import { setImmediate } from 'node:timers/promises';
import { quotient, type Rational } from '../data/video/facts.ts';
import { type FrameSource, markOf } from '../data/video/frame-reader.ts';
import type { Picture } from '../picture.ts';
import type { FilmPainter } from './film-painter.ts';
import type { FilmSink, PaintedFrame } from './film-sink.ts';

export interface PaintFilmOptions {
  readonly width: number;
  readonly height: number;
  /** Of the frames' times. */
  readonly timeBase: Rational;
  /** Ticks that a frame lasts where the file does not say. */
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
 * Paints a film frame by frame between a source and a sink that work in their own threads. Each frame lasts until the next;
 * times that do not grow, as in damaged files, are raised by the least that does.
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
  { width, height, timeBase, usual, end, done, onFrame, signal }: PaintFilmOptions,
): Promise<FilmResult> {
  const next = async (least: bigint | undefined) => {
    const frame = await source.next();
    if (frame === undefined) return undefined;
    const guess = least === undefined ? 0n : least - 1n + usual;
    const time = frame.time ?? guess;
    return { ...frame, time: least !== undefined && time < least ? least : time };
  };
  const secondsOf = (time: bigint) => Number(time) * quotient(timeBase);
  let announced: Uint8Array | undefined;
  const tell = (pixels: Uint8Array | undefined) => {
    if (pixels !== undefined && pixels !== announced) painter.foresee?.({ pixels, width, height });
    announced = pixels ?? announced;
  };
  let { frames, until } = done;
  const send = async (painting: Promise<Picture>, when: Omit<PaintedFrame, 'pixels'>, isLast: boolean) => {
    const { pixels } = await painting;
    await sink.add({ pixels, ...when });
    frames++;
    onFrame(frames, secondsOf(when.time));
    if (signal.aborted && !isLast) return;
    await sink.added(() => painter.memory());
  };
  let lasted = usual;
  let sent = Promise.resolve();
  let frame = await next(until);
  while (frame !== undefined && !signal.aborted) {
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
    const last = end !== undefined && end > time && end - time < 100n * lasted ? end : time + lasted;
    until = following?.time ?? last;
    if (following !== undefined) lasted = until - time;
    sent = send(painting, { alpha, time, until, mark }, following === undefined);
    sent.catch(() => undefined);
    if (sink.willAsk) await sent;
    // Lets out what is finished, before painting blocks the way again.
    await setImmediate();
    frame = following;
  }
  await sent;
  const isStopped = frame !== undefined;
  if (!isStopped) await sink.finish();
  return { frames, end: until ?? 0n, isStopped };
}
