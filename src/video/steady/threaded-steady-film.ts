import type { Worker } from 'node:worker_threads';
import type { Picture } from '../../picture.ts';
import { endThread, ownBuffer, startThread } from '../../system/thread.ts';
import type { LastShown } from './steady-film.ts';
import type { SteadyReply, SteadyRequest, SteadyWork } from './steady-thread.ts';

interface Waiting {
  readonly resolve: (reply: SteadyReply) => void;
  readonly reject: (error: unknown) => void;
}

/** A `SteadyFilm` in its own thread: the same calls, answered in order. */
export class ThreadedSteadyFilm {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: unknown;
  #closed: Promise<void> | undefined;

  constructor(share: number) {
    const work: SteadyWork = { share };
    this.#worker = startThread(new URL('./steady-thread', import.meta.url), work);
    // After a failure, further answers are ignored.
    this.#worker.on('message', (reply: SteadyReply) => this.#waiting.shift()?.resolve(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('The thread that steadies frames has ended.')));
  }

  /** As `SteadyFilm.see`. */
  see(frame: Picture): Promise<boolean> {
    return this.#ask({ kind: 'see', frame });
  }

  /** As `SteadyFilm.show`. @param painted handed over. */
  show(painted: Uint8Array): Promise<Uint8Array> {
    const buffer = ownBuffer(painted);
    return this.#ask({ kind: 'show', painted: buffer }, [buffer]);
  }

  shown(): Promise<Uint16Array> {
    return this.#ask({ kind: 'shown' });
  }

  goOnFrom(last: LastShown | undefined): void {
    this.#post({ kind: 'goOnFrom', last });
  }

  /** Resolves when the thread has ended; unanswered calls are rejected. */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#post({ kind: 'stop' });
      this.#closed = endThread(this.#worker);
    }
    return this.#closed;
  }

  #ask<Reply extends SteadyReply>(request: SteadyRequest, transfer: ArrayBuffer[] = []): Promise<Reply> {
    const answer = new Promise<SteadyReply>((resolve, reject) => {
      // No answer would come.
      if (this.#failure !== undefined) reject(this.#failure);
      else this.#waiting.push({ resolve, reject });
    });
    this.#post(request, transfer);
    return answer as Promise<Reply>;
  }

  #post(request: SteadyRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
