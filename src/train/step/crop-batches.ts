import type { DataPosition } from '../run/run-state.ts';
import type { NetworkTrainerOptions, PhotoBatch } from '../trainer-options.ts';

/**
 * Batches of crops whose side changes on the way: where it does, the photos continue with the very next one.
 *
 * @param sideNow side in px of the crops that the next step takes; asked when the next batch is.
 */
export async function* cropBatches(
  openBatches: NetworkTrainerOptions['openBatches'],
  position: DataPosition | undefined,
  sideNow: () => number,
): AsyncGenerator<PhotoBatch, void, void> {
  let next = position;
  for (;;) {
    const side = sideNow();
    for await (const batch of openBatches(next, side)) {
      next = batch.position;
      yield batch;
      if (sideNow() !== side) break;
    }
    // They have ended.
    if (sideNow() === side) return;
  }
}
