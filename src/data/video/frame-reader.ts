import type { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { endThread, startThread } from '../../system/thread.ts';
import type { DecodeEnd } from './complaints.ts';
import type { DecodeReply, DecodeRequest, DecodeWork } from './decode-thread.ts';

/** A frame, and when it is shown, in ticks of its video's time base after the file's beginning. */
export interface DecodedFrame {
  /** Empty where they were not asked for. */
  readonly pixels: Uint8Array;
  /** [height, width], where it was asked for; colours lie behind what is transparent. */
  readonly alpha?: Uint8Array | undefined;
  /** Undefined if the container does not say. */
  readonly time: bigint | undefined;
}

/** A checksum by which a frame is known again when it is decoded another time. */
export function markOf({ pixels, alpha }: Pick<DecodedFrame, 'pixels' | 'alpha'>): number {
  const mark = crc32(pixels);
  return alpha === undefined ? mark : crc32(alpha, mark);
}

/** Frames of a video one after the other. */
export interface FrameSource {
  /** The next frame, the caller's; undefined after the last. */
  next(): Promise<DecodedFrame | undefined>;
  /** What `next` would answer at once; undefined where nothing has come yet. */
  readonly waiting: DecodedFrame | undefined;
  /** How reading has ended; known when `next` has answered undefined. */
  readonly end: DecodeEnd;
  /** Gives reading up; idempotent. */
  close(): Promise<void>;
}

export interface FrameReaderOptions extends Pick<DecodeWork, 'width' | 'height'> {
  readonly alpha?: boolean;
  /** Frames that are skipped. */
  readonly skip?: number;
  /** Not all frames come with their pixels. */
  readonly isSparse?: boolean;
  /** Decoding begins before the first frame wanted. */
  readonly isSought?: boolean;
  /** The video itself, where ffmpeg reads it from its standard input. */
  readonly feed?: AsyncIterable<Uint8Array> | undefined;
}

/** Frames that wait at most: enough to keep painting fed, few enough for memory. */
const AHEAD = 4;

/** Frames as ffmpeg decodes them, a few ahead, in a thread of its own. */
export class FrameReader implements FrameSource {
  readonly #worker: Worker;
  readonly #waiting: DecodedFrame[] = [];
  #end: DecodeEnd | undefined;
  #failure: unknown;
  #closed = false;
  #ring = () => {};
  #eaten = () => {};

  /** @param args as `decodeArguments` makes them. */
  constructor(args: readonly string[], { feed, ...how }: FrameReaderOptions) {
    const work: DecodeWork = {
      alpha: false,
      skip: 0,
      isSparse: false,
      isSought: false,
      ...how,
      args,
      isFed: feed !== undefined,
    };
    this.#worker = startThread(new URL('./decode-thread', import.meta.url), work);
    this.#worker.on('message', (reply: DecodeReply) => {
      if (reply.kind === 'frame')
        this.#waiting.push({
          pixels: new Uint8Array(reply.pixels),
          ...(reply.alpha === undefined ? {} : { alpha: new Uint8Array(reply.alpha) }),
          time: reply.time,
        });
      else if (reply.kind === 'end') this.#end = reply.end;
      if (reply.kind === 'eaten') this.#eaten();
      else this.#ring();
    });
    this.#worker.on('error', (error) => {
      this.#failure = error;
      this.#ring();
    });
    this.#worker.on('exit', () => this.#eaten());
    this.#ask({ kind: 'more', frames: AHEAD });
    if (feed !== undefined) this.#feed(feed);
  }

  get end(): DecodeEnd {
    if (this.#end === undefined) throw new Error('The video has not been read to its end.');
    return this.#end;
  }

  get waiting(): DecodedFrame | undefined {
    return this.#waiting[0];
  }

  async next(): Promise<DecodedFrame | undefined> {
    // Lets what the thread has sent meanwhile, signals and timers through.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length === 0 && this.#end === undefined && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#ring = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    const frame = this.#waiting.shift();
    if (frame !== undefined) this.#ask({ kind: 'more', frames: 1 });
    return frame;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#ask({ kind: 'stop' });
    await endThread(this.#worker);
  }

  #ask(request: DecodeRequest): void {
    this.#worker.postMessage(request);
  }

  /** Hands the video on piece by piece, the next when the one before is in the pipe. */
  async #feed(feed: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const piece of feed) {
        this.#ask({ kind: 'piece', piece });
        await new Promise<void>((resolve) => {
          this.#eaten = resolve;
        });
      }
      this.#ask({ kind: 'fed' });
    } catch (error) {
      this.#failure = error;
      this.#ring();
    }
  }
}
