import type { Worker } from 'node:worker_threads';
import { FileError } from '../../system/errors.ts';
import { endThread, ownBuffer, startThread } from '../../system/thread.ts';
import { lastWords } from '../ffmpeg.ts';
import type { EncodeReply, EncodeRequest } from './encode-thread.ts';
import type { RawStream } from './raw-matroska.ts';

/** Frames handed over that ffmpeg has not taken yet. */
const AHEAD = 4;

/** A frame for an encoder. Times in nanoseconds. */
export interface TimedFrame {
  readonly pixels: Uint8Array;
  /** Where the stream has it. */
  readonly alpha?: Uint8Array | undefined;
  readonly time: bigint;
  readonly duration: bigint;
}

interface Run {
  /** What it writes, for messages. */
  readonly target: string;
  result?: { readonly code: number | null; readonly complaint: string };
}

/** Encodes frames while painting: runs of ffmpeg, one begun while the one before is still at its last frames. */
export class FrameWriter {
  readonly #worker: Worker;
  readonly #runs = new Map<number, Run>();
  #opened = 0;
  #underway = 0;
  #closed = false;
  #failure: unknown;
  #ring: (() => void)[] = [];

  constructor() {
    this.#worker = startThread(new URL('./encode-thread', import.meta.url), undefined);
    this.#worker.on('message', (reply: EncodeReply) => {
      if (reply.kind === 'taken') this.#underway--;
      else this.#runs.get(reply.run)!.result = reply;
      this.#wake();
    });
    this.#worker.on('error', (error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** Starts ffmpeg. @param args after the raw input. @param target what it writes, for messages. @returns the run's number. */
  open(args: readonly string[], stream: RawStream, target: string, toStandardOutput = false): number {
    const run = ++this.#opened;
    this.#runs.set(run, { target });
    this.#ask({ kind: 'open', run, args, stream, toStandardOutput });
    return run;
  }

  /** Takes a frame over; resolves when there is room for another. @throws {FileError} ffmpeg has given up. */
  async write(run: number, { pixels, alpha, time, duration }: TimedFrame): Promise<void> {
    const buffer = ownBuffer(pixels);
    const opacity = alpha && ownBuffer(alpha);
    this.#underway++;
    const handed = opacity === undefined ? [buffer] : [buffer, opacity];
    this.#ask({ kind: 'frame', run, pixels: buffer, alpha: opacity, time, duration }, handed);
    await this.#until(() => this.#underway < AHEAD || this.#runs.get(run)!.result !== undefined);
    if (this.#runs.get(run)!.result !== undefined) this.#settle(run);
  }

  /** Ends a run's input; resolves when its file is whole. @throws {FileError} it cannot be written. */
  async finish(run: number): Promise<void> {
    this.#ask({ kind: 'close', run });
    await this.#until(() => this.#runs.get(run)!.result !== undefined);
    this.#settle(run);
  }

  /** Ends all runs where they are; idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#ask({ kind: 'stop' });
    await endThread(this.#worker);
  }

  #settle(run: number): void {
    const { target, result } = this.#runs.get(run)!;
    const { code, complaint } = result!;
    if (code !== 0) throw cannotWrite(target, complaint);
  }

  #ask(request: EncodeRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #wake(): void {
    for (const ring of this.#ring.splice(0)) ring();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => this.#ring.push(resolve));
    }
  }
}

/** What ffmpeg's complaint comes to for a user. @param remedy what may help where it is not the disk. */
export function cannotWrite(target: string, complaint: string, remedy?: string): FileError {
  if (/No space left on device|Disk quota exceeded/i.test(complaint)) {
    return new FileError(
      `Cannot write ${target}: no room is left on the disk; free some, and the same command continues.`,
    );
  }
  const help = remedy === undefined ? '' : `; ${remedy}`;
  return new FileError(`ffmpeg cannot write ${target}: ${lastWords(complaint)}${help}.`);
}
