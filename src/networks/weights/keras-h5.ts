/** Reads Keras' HDF5 files in a thread of their own (`keras-h5-thread.ts`), within a time. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { WeightsError } from '../../system/errors.ts';
import { startThread } from '../../system/thread.ts';
import type { NamedArray } from '../safetensors.ts';
import type { KerasReply, KerasWork } from './keras-h5-thread.ts';

/** Milliseconds that reading may take: whatever the size, and for each byte: a machine may be busy. On two slow cores VGG19's 80 MB take 2 s. */
const [LONGEST, LONGEST_PER_BYTE] = [8000, 1e-4];
/** Of the thread's own memory, in MB; what HDF5 takes is bounded by what the file claims (`keras-arrays.ts`). */
const MOST_MEMORY = 2048;
/** Milliseconds after which a thread that has nothing to do ends: until then it reads the next file. */
const IDLE = 1000;

let waiting: { readonly worker: Worker; readonly clock: NodeJS.Timeout } | undefined;

/**
 * The arrays of the convolutions, as `readKerasArrays` has them.
 *
 * @param bytes the whole file. @param file how messages call it.
 * @throws {WeightsError} as `readKerasArrays`, or the file leads its reader round in circles.
 */
export async function readKerasWeights(bytes: Uint8Array, file: string): Promise<readonly NamedArray[]> {
  const worker = await takeThread();
  let isSound = false;
  try {
    const reply = await answerOf(worker, { bytes, file });
    isSound = true;
    if ('arrays' in reply) return reply.arrays;
    throw new WeightsError(reply.fault);
  } finally {
    if (isSound) leaveThread(worker);
    else await worker.terminate();
  }
}

async function answerOf(worker: Worker, work: KerasWork): Promise<Exclude<KerasReply, 'ready'>> {
  const { file, bytes } = work;
  const time = LONGEST + LONGEST_PER_BYTE * bytes.length;
  const end = new AbortController();
  const clock = setTimeout(() => end.abort(), time);
  try {
    worker.postMessage(work);
    const [reply] = (await once(worker, 'message', { signal: end.signal })) as [Exclude<KerasReply, 'ready'>];
    return reply;
  } catch (error) {
    if (end.signal.aborted)
      throw new WeightsError(
        `${file} is a damaged HDF5 file: it cannot be read within ${Math.round(time / 1000)} seconds.`,
      );
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
      throw new WeightsError(`${file} is a damaged HDF5 file: it takes more memory than weights do.`);
    throw error;
  } finally {
    clearTimeout(clock);
  }
}

/** The thread that has read the file before, or a new one whose library is loaded. */
async function takeThread(): Promise<Worker> {
  if (waiting !== undefined) {
    const { worker, clock } = waiting;
    waiting = undefined;
    clearTimeout(clock);
    worker.ref();
    return worker;
  }
  const worker = startThread(new URL('./keras-h5-thread', import.meta.url), undefined, MOST_MEMORY);
  await once(worker, 'message');
  // Whoever waits for an answer gets the error; without one nobody waits.
  worker.on('error', () => undefined);
  return worker;
}

function leaveThread(worker: Worker): void {
  if (waiting !== undefined) {
    void worker.terminate();
    return;
  }
  worker.unref();
  const end = () => {
    waiting = undefined;
    void worker.terminate();
  };
  waiting = { worker, clock: setTimeout(end, IDLE).unref() };
}
