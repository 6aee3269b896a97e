import * as threads from 'node:worker_threads';
import { SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a file as a thread of its own. Painting blocks the event loop of the main thread for as long as a frame takes; pipes to
 * ffmpeg are served next to it, and what can be computed without the network is.
 *
 * @param place of the file, without its extension: the sources' and the build's differ. @param data its `workerData`.
 * @param megabytes that its JavaScript may take at most; no bound of its own unless given.
 */
export function startThread(place: URL, data: unknown, megabytes?: number): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  // Tests may answer with a file that they have compiled (scripts/compiled-sources-hooks.mjs).
  const file = isSource ? import.meta.resolve(`${place}.ts`) : `${place}.js`;
  const resourceLimits = megabytes === undefined ? {} : { maxOldGenerationSizeMb: megabytes };
  // TensorFlow reads the process's environment, not a thread's copy: what is set for it must be set there.
  const options: WorkerOptions = { workerData: data, resourceLimits, env: SHARE_ENV };
  if (!isSource) return new Worker(new URL(file), options);
  if (file.endsWith('.js')) return new Worker(new URL(file), { ...options, execArgv: [] });
  // From the sources a thread needs tsx, too, which Node 20 does not hand on.
  const tsx = import.meta.resolve('tsx/esm/api');
  const load = (url: string) => `import(${JSON.stringify(url)})`;
  const start = `${load(tsx)}.then((tsx) => { tsx.register(); return ${load(file)}; })`;
  return new Worker(start, { ...options, eval: true });
}

/** Waits for a thread that has been asked to end; ends it after two seconds. */
export async function endThread(worker: Worker): Promise<void> {
  // What has ended, by an error say, does not say so again.
  if (worker.threadId === -1) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 2000);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await worker.terminate();
}

/** Of Node 21 and later; before, such a buffer is copied where it is handed over. */
const isMarkedAsUntransferable: (buffer: ArrayBuffer) => boolean =
  'isMarkedAsUntransferable' in threads
    ? (threads.isMarkedAsUntransferable as (buffer: ArrayBuffer) => boolean)
    : () => false;

/** Bytes alone in their buffer, which can be handed to another thread. They are copied only where that is needed, as of a native addon's. */
export function ownBuffer(pixels: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = pixels;
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isOwn && !isMarkedAsUntransferable(buffer) ? buffer : new Uint8Array(pixels).buffer;
}
