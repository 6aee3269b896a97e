/** A thread in which a style paints with its own TensorFlow, while the caller's event loop stays free. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ClonedError, toCloned } from '../system/cloned-error.ts';
import { ownBuffer } from '../system/thread.ts';
import type { LoadedStyle } from './loaded-style.ts';
import type { LoadOptions, PaintedPixels, PlainPhotoInput, StyleDescription } from './options.ts';
import type { PlainOptions, StyleChoice } from './painting-style.ts';

export interface StyleWork {
  readonly style: StyleChoice;
  readonly options: LoadOptions;
}

/** To the thread. */
export type StyleRequest =
  | {
      readonly kind: 'paint';
      readonly id: number;
      readonly photo: PlainPhotoInput;
      readonly options: PlainOptions;
    }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'tensors'; readonly id: number }
  | { readonly kind: 'dispose' };

/** From the thread: once whether the style is there, then what has become of each painting. */
export type StyleReply =
  | { readonly kind: 'loaded'; readonly description: StyleDescription }
  | { readonly kind: 'unloaded'; readonly error: ClonedError }
  | { readonly kind: 'note'; readonly id: number; readonly note: string }
  | { readonly kind: 'painted'; readonly id: number; readonly painted: PaintedPixels | Uint8Array }
  | { readonly kind: 'tensors'; readonly id: number; readonly count: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ClonedError };

const port = parentPort!;
const reply = (message: StyleReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const aborts = new Map<number, AbortController>();
const running = new Set<Promise<void>>();

async function paint(
  style: LoadedStyle,
  { id, photo, options }: Extract<StyleRequest, { kind: 'paint' }>,
): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const onNote = (note: string) => reply({ kind: 'note', id, note });
    const notes = 'format' in options ? { onNote } : {};
    const painted = await style.stylize(photo, { ...options, ...notes, signal: abort.signal });
    if (painted instanceof Uint8Array) {
      const bytes = ownBuffer(painted);
      reply({ kind: 'painted', id, painted: new Uint8Array(bytes) }, [bytes]);
    } else {
      const pixels = ownBuffer(painted.pixels);
      reply({ kind: 'painted', id, painted: { ...painted, pixels: new Uint8Array(pixels) } }, [pixels]);
    }
  } catch (error) {
    reply({ kind: 'failed', id, error: toCloned(error) });
  } finally {
    aborts.delete(id);
  }
}

async function open(): Promise<LoadedStyle> {
  // Only now: TensorFlow that is not set up is reported as the library reports it.
  const { LoadedStyle } = await import('./loaded-style.ts');
  const { style, options } = workerData as StyleWork;
  return LoadedStyle.open(style, options);
}

async function countTensors(id: number): Promise<void> {
  await Promise.all(running);
  const { memory } = await import('../engine/tensorflow.ts');
  reply({ kind: 'tensors', id, count: memory().numTensors });
}

async function end(style: LoadedStyle): Promise<void> {
  await style.dispose();
  // What is painted may still be being encoded.
  await Promise.all(running);
  port.close();
}

open().then(
  (style) => {
    port.on('message', (request: StyleRequest) => {
      if (request.kind === 'abort') aborts.get(request.id)?.abort();
      else if (request.kind === 'tensors') void countTensors(request.id);
      else if (request.kind === 'dispose') void end(style);
      else {
        const one = paint(style, request).finally(() => running.delete(one));
        running.add(one);
      }
    });
    reply({ kind: 'loaded', description: style.description });
  },
  (error: unknown) => reply({ kind: 'unloaded', error: toCloned(error) }),
);
