import { Worker } from 'node:worker_threads';

/**
 * Starts a file of this folder as a thread of its own. Painting blocks the event loop of the main thread for as long as a frame
 * takes; pipes to ffmpeg are served beside it.
 */
export function startThread(name: string, data: unknown): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const file = new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url);
  if (!isSource) return new Worker(file, { workerData: data });
  // From the sources a thread needs tsx, too, which Node 20 does not hand on.
  const tsx = import.meta.resolve('tsx/esm/api');
  const load = (url: string | URL) => `import(${JSON.stringify(String(url))})`;
  const start = `${load(tsx)}.then((tsx) => { tsx.register(); return ${load(file)}; })`;
  return new Worker(start, { eval: true, workerData: data });
}

/** Waits for a thread that has been asked to end; ends it after two seconds. */
export async function endThread(worker: Worker): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 2000);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  await worker.terminate();
}

/** Bytes alone in their buffer, which can be handed to another thread without being copied. */
export function ownBuffer(pixels: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = pixels;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) return buffer;
  return pixels.slice().buffer;
}
