/** The worker: opens ONNX Runtime, holds styles, paints one picture after another. */

import { interleaved, separated } from '../picture.ts';
import { toCloned } from '../system/cloned-error.ts';
import { openChecked } from './checked-painter.ts';
import type { Answer, LoadedDescription, RawPicture, Request } from './messages.ts';
import type { ModelRunner } from './runtime.ts';
import { openStyleFile } from './style-file.ts';
import type { StylePainter } from './style-painter.ts';
import { openRuntime } from './worker-runtime.ts';

/** Part of DedicatedWorkerGlobalScope: TypeScript's libraries of pages and of workers exclude each other. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(answer: Answer, transfer: readonly Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const painters = new Map<number, StylePainter>();
const aborted = new Set<number>();
let runner: ModelRunner | undefined;
let last = 0;
/** Networks run one at a time: WebAssembly's memory is one for all. */
let queue: Promise<unknown> = Promise.resolve();

scope.onmessage = ({ data: request }) => {
  if (request.kind === 'abort') {
    aborted.add(request.id);
    return;
  }
  queue = queue.then(() => answer(request));
};

async function answer(request: Exclude<Request, { kind: 'abort' }>): Promise<void> {
  const { id } = request;
  try {
    const { value, transfer = [] } = await work(request);
    scope.postMessage({ kind: 'done', id, value }, transfer);
  } catch (error) {
    scope.postMessage({ kind: 'failed', id, error: toCloned(error) }, []);
  } finally {
    aborted.delete(id);
  }
}

async function work(
  request: Exclude<Request, { kind: 'abort' }>,
): Promise<{ readonly value?: unknown; readonly transfer?: readonly Transferable[] }> {
  switch (request.kind) {
    case 'start': {
      const { description, ...opened } = await openRuntime(request.settings);
      runner = opened;
      return { value: description };
    }
    case 'load': {
      const { bytes, name, style, limits } = request;
      const { painter, ...ran } = await openChecked(openStyleFile(bytes, name, style), runner!, limits);
      painters.set(++last, painter);
      const { smallest, file } = painter;
      return { value: { style: last, credits: file.credits, smallest, ...ran } satisfies LoadedDescription };
    }
    case 'paint':
      return paint(request);
    case 'dispose': {
      await painters.get(request.style)?.dispose();
      painters.delete(request.style);
      return {};
    }
  }
}

async function paint({ id, style, picture, settings }: Extract<Request, { kind: 'paint' }>) {
  const turn = () => nextTurn(id);
  await turn();
  const { width, height, data } = picture instanceof ImageBitmap ? pixelsOf(picture) : picture;
  const { pixels, alpha } = separated(new Uint8Array(data.buffer), 4);
  const photo = { width, height, pixels: pixels as Uint8Array };
  const painted = await painters.get(style)!.paint(photo, settings, turn, (share) => {
    scope.postMessage({ kind: 'progress', id, share }, []);
  });
  const joined = interleaved(painted.pixels, alpha) as Uint8Array<ArrayBuffer>;
  const value: RawPicture = { width, height, data: new Uint8ClampedArray(joined.buffer) };
  return { value, transfer: [joined.buffer] };
}

/** Lets messages in, one of which may say that nobody waits any more. */
async function nextTurn(id: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (aborted.has(id)) throw new DOMException('The painting was given up.', 'AbortError');
}

function pixelsOf(bitmap: ImageBitmap): RawPicture {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data: data as Uint8ClampedArray<ArrayBuffer> };
}
