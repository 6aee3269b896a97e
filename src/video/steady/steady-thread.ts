/** A thread in which a steady film's motion is found and its frames are blended, while the main one paints. */

import { parentPort, workerData } from 'node:worker_threads';
import type { Picture } from '../../picture.ts';
import { ownBuffer } from '../../system/thread.ts';
import { type LastShown, SteadyFilm } from './steady-film.ts';

export interface SteadyWork {
  /** As `SteadyFilm`'s. */
  readonly share: number;
}

/** To the thread: the calls of `SteadyFilm`, in order, and the end. */
export type SteadyRequest =
  | { readonly kind: 'see'; readonly frame: Picture }
  | { readonly kind: 'show'; readonly painted: ArrayBuffer }
  | { readonly kind: 'shown' }
  | { readonly kind: 'goOnFrom'; readonly last: LastShown | undefined }
  | { readonly kind: 'stop' };
/** From the thread, one for each request that has an answer, in their order: the answer. */
export type SteadyReply = boolean | Uint8Array | Uint16Array;

const port = parentPort!;
const film = new SteadyFilm((workerData as SteadyWork).share);
const reply = (message: SteadyReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

port.on('message', (request: SteadyRequest) => {
  if (request.kind === 'see') reply(film.see(request.frame));
  else if (request.kind === 'show') {
    const pixels = new Uint8Array(ownBuffer(film.show(new Uint8Array(request.painted))));
    reply(pixels, [pixels.buffer]);
  } else if (request.kind === 'shown') {
    const shown = film.shown();
    reply(shown, [shown.buffer]);
  } else if (request.kind === 'goOnFrom') film.goOnFrom(request.last);
  else port.close();
});
