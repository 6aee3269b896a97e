import { fileUrl } from '../data/ffmpeg.ts';
import { type Rational, toNanoseconds } from '../data/video/facts.ts';
import type { FrameWriter } from '../data/video/frame-writer.ts';
import type { RawStream } from '../data/video/raw-matroska.ts';
import type { FilmPainter } from './film-painter.ts';
import type { SegmentKeeper } from './segment-store.ts';

/** A painted frame. Times in ticks of the film's time base. */
export interface PaintedFrame {
  readonly pixels: Uint8Array;
  /** Of the frame that was painted, where the film keeps it. */
  readonly alpha?: Uint8Array | undefined;
  readonly time: bigint;
  /** When it gives way to the next. */
  readonly until: bigint;
  /** A checksum of the frame that was painted. */
  readonly mark: number;
}

/** Where painted frames go. */
export interface FilmSink {
  /** Takes a frame over; resolves when there is room for another. @throws {FileError} it cannot be written. */
  add(frame: PaintedFrame): Promise<void>;
  /** Whether `added` will ask for the painter's memory once the next frame is added: none must be painted further until then. */
  readonly willAsk: boolean;
  /** Called after every frame. @param memory what the painter depends on from here. */
  added(memory: () => ReturnType<FilmPainter['memory']>): Promise<void>;
  /** Called after the last. Resolves when all is written. */
  finish(): Promise<void>;
}

export interface SinkOptions {
  readonly writer: FrameWriter;
  /** Arguments of the encoder, up to the file's name. */
  readonly encoding: readonly string[];
  readonly stream: RawStream;
  readonly timeBase: Rational;
  /** What is written, for messages. */
  readonly target: string;
}

/** A film in segments, each encoded by a run of ffmpeg and kept when it is whole. */
export class SegmentSink implements FilmSink {
  readonly #options: SinkOptions & { readonly format: string; readonly frames: number };
  readonly #keeper: SegmentKeeper;
  #number: number;
  #run: number | undefined;
  #frames = 0;
  #start = 0n;
  #end = 0n;
  #last = 0n;
  #mark = 0;
  /** The segment before, at its last frames. */
  #finishing: Promise<void> = Promise.resolve();

  /** @param options format: ffmpeg's name of the segments' container; frames: how many make one. @param number of the first segment. */
  constructor(
    keeper: SegmentKeeper,
    options: SinkOptions & { readonly format: string; readonly frames: number },
    number: number,
  ) {
    this.#keeper = keeper;
    this.#options = options;
    this.#number = number;
  }

  async add({ pixels, alpha, time, until, mark }: PaintedFrame): Promise<void> {
    const { writer, encoding, stream, timeBase, format, target } = this.#options;
    if (this.#run === undefined) {
      const place = this.#keeper.unfinished(this.#number);
      this.#run = writer.open([...encoding, '-f', format, '-y', fileUrl(place)], stream, target);
      this.#start = time;
      this.#frames = 0;
    }
    this.#frames++;
    this.#end = until;
    this.#last = time;
    this.#mark = mark;
    const since = (ticks: bigint) => toNanoseconds(ticks - this.#start, timeBase);
    const duration = since(until) - since(time);
    await writer.write(this.#run, { pixels, alpha, time: since(time), duration });
  }

  get willAsk(): boolean {
    return (this.#run === undefined ? 0 : this.#frames) + 1 >= this.#options.frames;
  }

  async added(memory: () => ReturnType<FilmPainter['memory']>): Promise<void> {
    if (this.#frames >= this.#options.frames) await this.#cut(await memory());
  }

  async finish(): Promise<void> {
    if (this.#run !== undefined) await this.#cut(undefined);
    await this.#finishing;
  }

  /** Waits for the last segment that has been cut; what came after it is given up. */
  async settle(): Promise<void> {
    await this.#finishing;
  }

  /** Ends a segment. While the encoder is still busy with it, the next one is painted; two are never underway. */
  async #cut(memory: Uint8Array | undefined): Promise<void> {
    const [run, number] = [this.#run!, this.#number++];
    const times = { start: this.#start, end: this.#end, last: this.#last };
    const record = { frames: this.#frames, ...times, mark: this.#mark };
    this.#run = undefined;
    await this.#finishing;
    this.#finishing = (async () => {
      await this.#options.writer.finish(run);
      await this.#keeper.keep(number, record, memory);
    })();
    // The error surfaces where the promise is awaited.
    this.#finishing.catch(() => undefined);
  }
}

/** Throws frames away that are painted for what the painter remembers of them, before another sink gets those that come after. */
export class LedSink implements FilmSink {
  readonly #sink: FilmSink;
  #left: number;

  /** @param frames to throw away. */
  constructor(sink: FilmSink, frames: number) {
    this.#sink = sink;
    this.#left = frames;
  }

  async add(frame: PaintedFrame): Promise<void> {
    if (this.#left === 0) await this.#sink.add(frame);
  }

  get willAsk(): boolean {
    return this.#left === 0 && this.#sink.willAsk;
  }

  async added(memory: () => ReturnType<FilmPainter['memory']>): Promise<void> {
    if (this.#left === 0) await this.#sink.added(memory);
    else this.#left--;
  }

  async finish(): Promise<void> {
    await this.#sink.finish();
  }
}

/** A film to standard output, written while it is painted. */
export class StreamSink implements FilmSink {
  readonly #options: Omit<SinkOptions, 'encoding'>;
  readonly #encoding: (offset: number) => readonly string[];
  #run: number | undefined;

  /** @param encoding all of ffmpeg's arguments, for a film that begins the given seconds after its sound. */
  constructor(encoding: (offset: number) => readonly string[], options: Omit<SinkOptions, 'encoding'>) {
    this.#encoding = encoding;
    this.#options = options;
  }

  async add({ pixels, alpha, time, until }: PaintedFrame): Promise<void> {
    const { writer, stream, timeBase, target } = this.#options;
    const at = (ticks: bigint) => toNanoseconds(ticks, timeBase);
    this.#run ??= writer.open(this.#encoding(Number(at(time)) / 1e9), stream, target, true);
    await writer.write(this.#run, { pixels, alpha, time: at(time), duration: at(until) - at(time) });
  }

  get willAsk(): boolean {
    return false;
  }

  async added(): Promise<void> {}

  async finish(): Promise<void> {
    if (this.#run !== undefined) await this.#options.writer.finish(this.#run);
  }
}
