/** The thread in which HDF5 files are read: whoever waits for it has a clock, which a file of endless links does not stop. */
import { parentPort } from 'node:worker_threads';
import { WeightsError } from '../../system/errors.ts';
import type { NamedArray } from '../safetensors.ts';
import { hdf5Library, readKerasArrays } from './keras-arrays.ts';
import { isClassifier } from './vgg-from-arrays.ts';

/** To the thread: a whole file, and how messages call it. */
export interface KerasWork {
  readonly bytes: Uint8Array;
  readonly file: string;
}

/** From the thread: once, that the library is loaded; for each file what came of it. */
export type KerasReply =
  | 'ready'
  | { readonly arrays: readonly NamedArray[] }
  /** What is wrong with the file. */
  | { readonly fault: string };

const port = parentPort!;
const reply = (message: KerasReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

port.on('message', async ({ bytes, file }: KerasWork) => {
  try {
    const arrays = await readKerasArrays(bytes, file, (layer) => !isClassifier(layer));
    reply(
      { arrays },
      arrays.map(({ values }) => values.buffer as ArrayBuffer),
    );
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    reply({ fault: error.message });
  }
});

await hdf5Library();
reply('ready');
