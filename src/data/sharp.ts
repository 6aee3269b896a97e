/** The one importer of sharp: settings that hold for every picture. `image-file.ts` and its neighbours build on it. */
import { availableParallelism } from 'node:os';
import sharp from 'sharp';

// sharp runs each picture on one of libuv's four threads; where there are more cores, each picture gets several.
sharp.concurrency(Math.max(1, Math.ceil(availableParallelism() / 4)));
// Its cache of operations would hold pixels of pictures that never come back.
sharp.cache(false);

export type { Sharp, SharpOptions } from 'sharp';
export { sharp };
