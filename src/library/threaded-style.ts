import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { AT_ONCE, Slots } from '../paint/slots.ts';
import { fromCloned } from '../system/cloned-error.ts';
import { endThread, startThread } from '../system/thread.ts';
import type {
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PlainPhotoInput,
  StyleDescription,
} from './options.ts';
import type { PaintingStyle, PlainOptions, StyleChoice } from './painting-style.ts';
import type { StyleReply, StyleRequest, StyleWork } from './style-thread.ts';

/** What a request may be answered with. */
type Answer = PaintedPixels | Buffer | number;

type Question = Extract<StyleRequest, { kind: 'paint' | 'tensors' }>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly onNote: EncodeOptions['onNote'];
}

/** As `LoadedStyle`, in its own thread: the caller only waits. An idle one keeps no process alive. */
export class ThreadedStyle implements PaintingStyle {
  readonly description: StyleDescription;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  // What is handed to the thread is copied: the rest waits as it was handed in.
  readonly #slots = new Slots(AT_ONCE);
  #last = 0;
  #failure: Error | undefined;
  #disposed: Promise<void> | undefined;

  private constructor(worker: Worker, description: StyleDescription) {
    this.#worker = worker;
    this.description = description;
    worker.on('message', (message: StyleReply) => this.#take(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('The thread that paints has ended.')));
    worker.unref();
  }

  /** Throws as `Stylizer.load`. */
  static async open(style: StyleChoice, options: LoadOptions): Promise<ThreadedStyle> {
    const { thread: _, ...rest } = options;
    const work: StyleWork = { style, options: rest };
    const worker = startThread(new URL('./style-thread', import.meta.url), work);
    const [first] = (await once(worker, 'message')) as [StyleReply];
    if (first.kind === 'loaded') return new ThreadedStyle(worker, first.description);
    await worker.terminate();
    throw first.kind === 'unloaded' ? fromCloned(first.error) : new Error('The thread has not begun.');
  }

  stylize(photo: PlainPhotoInput, options: PlainOptions): Promise<Buffer | PaintedPixels> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      this.#slots
        .use(() => this.#paint(photo, options))
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener('abort', abort));
    });
  }

  /** Tensors that the thread holds once nothing is being painted: leaks there can be counted from here only. */
  async tensors(): Promise<number> {
    const id = ++this.#last;
    return (await this.#ask({ kind: 'tensors', id })) as number;
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#end();
    return this.#disposed;
  }

  async #end(): Promise<void> {
    if (this.#failure !== undefined) return;
    this.#worker.ref();
    // The thread goes when what is being painted is through, however long that takes.
    const ended = once(this.#worker, 'exit').catch(() => undefined);
    this.#post({ kind: 'dispose' });
    await ended;
    await endThread(this.#worker);
  }

  async #paint(
    photo: PlainPhotoInput,
    { signal, ...options }: PlainOptions,
  ): Promise<Buffer | PaintedPixels> {
    signal?.throwIfAborted();
    if (this.#disposed !== undefined) throw new Error('This stylizer has been disposed of.');
    if (this.#failure !== undefined) throw this.#failure;
    const id = ++this.#last;
    const { onNote, ...rest } = options as EncodeOptions;
    const abort = () => this.#post({ kind: 'abort', id });
    signal?.addEventListener('abort', abort);
    try {
      const transfer: ArrayBuffer[] = [];
      const mask = rest.mask === undefined ? {} : { mask: copied(rest.mask as PlainPhotoInput, transfer) };
      const request = { kind: 'paint', id, photo: copied(photo, transfer), options: { ...rest, ...mask } };
      return (await this.#ask(request as Question, transfer, onNote)) as Buffer | PaintedPixels;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** The thread's answer to a request. While there is one to wait for, the thread keeps the process alive. */
  async #ask(request: Question, transfer?: ArrayBuffer[], onNote?: EncodeOptions['onNote']): Promise<Answer> {
    this.#worker.ref();
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(request.id, { resolve, reject, onNote });
        this.#post(request, transfer);
      });
    } finally {
      this.#waiting.delete(request.id);
      if (this.#waiting.size === 0 && this.#disposed === undefined) this.#worker.unref();
    }
  }

  #take(message: StyleReply): void {
    if (message.kind === 'loaded' || message.kind === 'unloaded') return;
    const waiting = this.#waiting.get(message.id);
    if (message.kind === 'note') waiting?.onNote?.(message.note);
    else if (message.kind === 'failed') waiting?.reject(fromCloned(message.error));
    else if (message.kind === 'tensors') waiting?.resolve(message.count);
    else waiting?.resolve(inNode(message.painted));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
  }

  #post(request: StyleRequest, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }
}

function inNode(painted: PaintedPixels | Uint8Array): Buffer | PaintedPixels {
  if (!(painted instanceof Uint8Array)) return painted;
  return Buffer.from(painted.buffer, painted.byteOffset, painted.length);
}

/** A photo whose samples are alone in their buffers: a part of a large one would be cloned with all of it. */
function copied(photo: PlainPhotoInput, transfer: ArrayBuffer[]): PlainPhotoInput {
  const copy = <Samples extends Uint8Array | Uint16Array>(samples: Samples): Samples => {
    const own = samples instanceof Uint16Array ? new Uint16Array(samples) : new Uint8Array(samples);
    transfer.push(own.buffer);
    return own as Samples;
  };
  if (typeof photo === 'string') return photo;
  if (photo instanceof Uint8Array) return copy(photo);
  const { pixels, alpha, width, height } = photo;
  // The thread itself reports what is no picture.
  if (!(ArrayBuffer.isView(pixels) && (alpha === undefined || ArrayBuffer.isView(alpha)))) return photo;
  return { width, height, pixels: copy(pixels), ...(alpha === undefined ? {} : { alpha: copy(alpha) }) };
}
