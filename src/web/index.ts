/** `import { loadStyle } from 'fast-style/web'`: styles in browsers (docs/web.md). */
import { type ClonedError, fromCloned } from '../system/cloned-error.ts';
import { expected, FileError } from '../system/errors.ts';
import type {
  Answer,
  Backend,
  LoadedDescription,
  RawPicture,
  Request,
  RuntimeDescription,
  RuntimeSettings,
} from './messages.ts';
import type { StyleCredits } from './style-file.ts';
import type { PainterLimits, PaintSettings } from './style-painter.ts';

export type { Backend, PainterLimits, PaintSettings, RuntimeDescription, StyleCredits };

/** A style's file: its address, or its bytes. */
export type WebStyleSource = string | URL | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;

/** A picture: whatever a canvas can draw, a file, or pixels. */
export type PictureSource = ImageBitmapSource;

export interface WorkerOptions extends Partial<RuntimeSettings> {
  /** Makes the worker; for bundlers that do not see `new Worker(new URL('./worker.js', import.meta.url))`. */
  readonly worker?: () => Worker;
}

export interface StyleLoadOptions extends PainterLimits {
  /** Which style of a file of several. */
  readonly style?: string;
  readonly signal?: AbortSignal;
}

export interface WebPaintOptions extends PaintSettings {
  /** Ends a painting: the promise is rejected at once; the worker stops before its next band. */
  readonly signal?: AbortSignal;
  /** @param share of the work done, 0 to 1. Called per band, not within one. */
  readonly onProgress?: (share: number) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((share: number) => void) | undefined;
}

/** A worker with ONNX Runtime, in which styles paint one after another. */
export class StyleWorker {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #failure: Error | undefined;
  /** What networks run on. @throws {ConfigError} WebGPU was asked for, and there is none. */
  readonly runtime: Promise<RuntimeDescription>;

  constructor({ worker, backend = 'auto', threads, runtimeFolder }: WorkerOptions = {}) {
    this.#worker =
      worker?.() ??
      new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'fast-style' });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#take(data);
    this.#worker.onerror = ({ message }) =>
      this.#fail(new Error(`The worker that paints has failed: ${message || 'it could not be loaded'}.`));
    this.runtime = this.#ask<RuntimeDescription>({
      kind: 'start',
      settings: {
        backend,
        ...(threads === undefined ? {} : { threads }),
        // The worker's own address may be another.
        ...(runtimeFolder === undefined
          ? {}
          : { runtimeFolder: new URL(runtimeFolder, document.baseURI).href }),
      },
    });
    // Who paints hears of it, whether or not anyone asks what networks run on.
    this.runtime.catch(() => {});
  }

  /**
   * Loads a style: an .onnx file of `fast-style export`, or a .safetensors file of ours.
   *
   * @throws {FileError} it cannot be fetched. {CheckpointError} it is of another kind or damaged.
   */
  async load(source: WebStyleSource, options: StyleLoadOptions = {}): Promise<WebStyle> {
    const { style, signal, ...limits } = options;
    const bytes = await bytesOf(source, signal);
    const name = nameOf(source);
    await this.runtime;
    const loaded = await this.#ask<LoadedDescription>(
      { kind: 'load', bytes, name, style, limits },
      { signal },
    );
    return new WebStyle(loaded, (request, more) => this.#ask(request, more));
  }

  /** Ends the worker and whatever it paints. */
  dispose(): void {
    this.#worker.terminate();
    this.#fail(new DOMException('The worker was ended.', 'AbortError'));
  }

  #ask<T>(request: Unnumbered, { signal, onProgress, transfer = [] }: AskOptions = {}): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const id = ++this.#last;
    return new Promise<T>((resolve, reject) => {
      const give = () => {
        this.#waiting.delete(id);
        this.#worker.postMessage({ kind: 'abort', id } satisfies Request);
        reject(signal?.reason);
      };
      const done = () => signal?.removeEventListener('abort', give);
      signal?.addEventListener('abort', give);
      this.#waiting.set(id, {
        resolve: (value) => {
          done();
          resolve(value as T);
        },
        reject: (error) => {
          done();
          reject(error);
        },
        onProgress,
      });
      this.#worker.postMessage({ ...request, id }, [...transfer]);
    });
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.kind === 'progress') waiting?.onProgress?.(answer.share);
    else {
      this.#waiting.delete(answer.id);
      if (answer.kind === 'done') waiting?.resolve(answer.value);
      else waiting?.reject(fromCloned(answer.error as ClonedError));
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

type Unnumbered = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;

interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly transfer?: readonly Transferable[];
}

/** A style that paints. */
export class WebStyle {
  /** Name, title, painter, licence, and a small picture of the painting, as its file has them. */
  readonly credits: StyleCredits;
  /** Smallest side of a picture, px. */
  readonly smallest: number;
  /** What it runs on: WebAssembly where WebGPU does not paint it rightly here, and `reason` says so. */
  readonly backend: Backend;
  readonly reason: string | undefined;
  readonly #style: number;
  readonly #ask: <T>(request: Unnumbered, more?: AskOptions) => Promise<T>;

  /** @param ask of its worker. */
  constructor(
    { style, credits, smallest, backend, reason }: LoadedDescription,
    ask: <T>(request: Unnumbered, more?: AskOptions) => Promise<T>,
  ) {
    this.#style = style;
    this.credits = credits;
    this.smallest = smallest;
    this.backend = backend;
    this.reason = reason;
    this.#ask = ask;
  }

  /**
   * Paints a picture, exactly as large as it came, in sRGB; transparency is kept. Photos are turned upright. Within 2 of 255 grey
   * levels as `fast-style stylize` paints the same pixels.
   *
   * @throws {ImageError} the picture is too small, or too large for memory. {ConfigError} a setting cannot be used.
   *   The signal's reason when it is aborted. What the browser throws for a file that it cannot read.
   */
  async paint(picture: PictureSource, options: WebPaintOptions = {}): Promise<ImageData> {
    const { signal, onProgress, ...settings } = options;
    signal?.throwIfAborted();
    // Pixels as they are: a bitmap would lose the colours of what is transparent.
    const given =
      picture instanceof ImageData
        ? copied(picture)
        : await createImageBitmap(picture, { imageOrientation: 'from-image' });
    const transfer = given instanceof ImageBitmap ? [given] : [given.data.buffer];
    const request = { kind: 'paint', style: this.#style, picture: given, settings } as const;
    const { width, height, data } = await this.#ask<RawPicture>(request, { signal, onProgress, transfer });
    return new ImageData(data, width, height);
  }

  /** Frees the network; the worker stays. */
  async dispose(): Promise<void> {
    await this.#ask({ kind: 'dispose', style: this.#style });
  }
}

/**
 * A style in a worker of its own, which ends with it. For several styles make a `StyleWorker`.
 *
 * @throws as `StyleWorker.load`.
 */
export async function loadStyle(
  source: WebStyleSource,
  options: StyleLoadOptions & WorkerOptions = {},
): Promise<WebStyle & { readonly runtime: RuntimeDescription }> {
  const { worker, backend, threads, runtimeFolder, ...load } = options;
  const own = new StyleWorker({
    ...(worker === undefined ? {} : { worker }),
    ...(backend === undefined ? {} : { backend }),
    ...(threads === undefined ? {} : { threads }),
    ...(runtimeFolder === undefined ? {} : { runtimeFolder }),
  });
  try {
    const style = await own.load(source, load);
    const dispose = async () => own.dispose();
    return Object.assign(style, { runtime: await own.runtime, dispose });
  } catch (error) {
    own.dispose();
    throw error;
  }
}

async function bytesOf(
  source: WebStyleSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  const response = await fetch(source, signal === undefined ? {} : { signal });
  if (!response.ok)
    throw new FileError(expected(`a style at ${source}`, `${response.status} ${response.statusText}`));
  return new Uint8Array(await response.arrayBuffer());
}

function nameOf(source: WebStyleSource): string {
  if (typeof source === 'string' || source instanceof URL) return String(source);
  return source instanceof File ? source.name : 'the style';
}

function copied({ data, width, height }: ImageData): RawPicture {
  return { width, height, data: new Uint8ClampedArray(data) };
}
