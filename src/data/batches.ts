/** Training batches: shuffled over the whole data set, cropped, mirrored, decoded ahead. */
import { ConfigError, DatasetError, expected } from '../system/errors.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { type Crop, decodeCrop } from './image-file.ts';
import { permutation, random, randomBelow } from './random.ts';

export { Dataset, type DatasetRecord, openDataset } from './dataset.ts';

/** How far training has come through the data: the next picture is number `index` of `epoch`'s order. Plain JSON. */
export interface BatchPosition {
  readonly epoch: number;
  readonly index: number;
}

export interface PixelBatch {
  /** [count, size, size, 3], RGB, 0..255. */
  readonly pixels: Uint8Array;
  readonly size: number;
  readonly count: number;
  /** The position after this batch: given back as `BatchesOptions.position`, the next batch comes. */
  readonly position: BatchPosition;
}

export interface BatchesOptions {
  /** Folder of the data set. */
  readonly dataset: string;
  /** Side of the square crops, px; at most the data set's short side. */
  readonly imageSize: number;
  /** Pictures in a batch. */
  readonly batch: number;
  /** Decides order, crops and mirroring. */
  readonly seed: number;
  /** Mirrors half of the pictures left to right. @default true */
  readonly flip?: boolean;
  /** Where to begin. @default the beginning */
  readonly position?: BatchPosition;
  /** Batches decoded ahead; with the one in use, they bound the memory. @default 3 */
  readonly prefetch?: number;
}

// Distinct streams of random numbers under one seed.
const ORDER = 0;
const AUGMENTATION = 1;

/**
 * Batches without end, epoch after epoch. Each epoch visits every picture once in an order of its own; a batch that
 * an epoch cannot fill takes the rest from the next. Order, crop and mirroring are functions of (seed, epoch, index),
 * so a position restores exactly, even with another batch size.
 *
 * Pictures decode in threads of their own while the caller computes. Leaving the loop closes the files.
 *
 * @throws {ConfigError} `imageSize` is larger than the stored pictures, or the position lies outside the data set.
 * @throws {DatasetError} the data set cannot be opened, or a record is corrupt.
 */
export async function* batches(options: BatchesOptions): AsyncGenerator<PixelBatch, void, void> {
  const { batch, position = { epoch: 0, index: 0 }, prefetch = 3 } = options;
  const dataset = await openDataset(options.dataset);
  const ahead: Promise<PixelBatch>[] = [];
  try {
    checkOptions(options, position, dataset);
    const order = new EpochOrder(dataset.count, options.seed);
    let next = position;
    for (;;) {
      while (ahead.length <= prefetch) {
        const start = next;
        const pictures = Array.from({ length: batch }, (_, i) => order.at(advance(start, i, dataset.count)));
        next = advance(start, batch, dataset.count);
        const decoded = decodeBatch(dataset, options, pictures, next);
        // A failure is thrown where its batch is taken; until then it is not an unhandled rejection.
        decoded.catch(() => {});
        ahead.push(decoded);
      }
      const ready = await ahead.shift()!;
      // Lets the event loop turn once: a caller that never waits for anything would keep finished reads from going
      // on to be decoded, and the batches ahead would run dry.
      await new Promise(setImmediate);
      yield ready;
    }
  } finally {
    await Promise.allSettled(ahead);
    await dataset.close();
  }
}

/** The position `pictures` further. */
function advance({ epoch, index }: BatchPosition, pictures: number, count: number): BatchPosition {
  const total = index + pictures;
  return { epoch: epoch + Math.floor(total / count), index: total % count };
}

/** A picture to come: which, and the numbers that decide its crop. */
interface Drawn extends BatchPosition {
  readonly picture: number;
}

/** The order of each epoch. Keeps that of the last asked for, and of none other. */
class EpochOrder {
  readonly #count: number;
  readonly #seed: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(count: number, seed: number) {
    this.#count = count;
    this.#seed = seed;
  }

  at({ epoch, index }: BatchPosition): Drawn {
    if (epoch !== this.#epoch) {
      this.#order = permutation(this.#count, random(this.#seed, ORDER, epoch));
      this.#epoch = epoch;
    }
    return { epoch, index, picture: this.#order[index]! };
  }
}

async function decodeBatch(
  dataset: Dataset,
  { imageSize: size, seed, flip = true }: BatchesOptions,
  pictures: readonly Drawn[],
  position: BatchPosition,
): Promise<PixelBatch> {
  const pixels = new Uint8Array(pictures.length * size * size * 3);
  await Promise.all(
    pictures.map(async ({ picture, epoch, index }, i) => {
      const { encoded, width, height, where } = await dataset.read(picture);
      const next = random(seed, AUGMENTATION, epoch, index);
      const crop: Crop = {
        left: randomBelow(width - size + 1, next),
        top: randomBelow(height - size + 1, next),
        size,
        flip: next() < 0.5 && flip,
      };
      pixels.set(await decodeStored(encoded, where, crop), i * size * size * 3);
    }),
  );
  return { pixels, size, count: pictures.length, position };
}

async function decodeStored(encoded: Uint8Array, where: string, crop: Crop): Promise<Uint8Array> {
  try {
    return await decodeCrop(encoded, where, crop);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatasetError(`${reason} Build the data set again with --overwrite.`, { cause: error });
  }
}

function checkOptions(
  { dataset: folder, imageSize, batch, seed, prefetch = 3 }: BatchesOptions,
  { epoch, index }: BatchPosition,
  { size, count }: Dataset,
): void {
  const positive = (value: number, what: string) => {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new ConfigError(expected(`a positive whole number for ${what}`, value));
    }
  };
  positive(imageSize, 'the image size');
  positive(batch, 'the batch size');
  positive(prefetch, 'prefetch');
  if (!Number.isSafeInteger(seed)) throw new ConfigError(expected('a whole number for the seed', seed));
  if (imageSize > size) {
    throw new ConfigError(
      expected(
        `an image size of at most ${size} px, the short side of the pictures in ${folder}`,
        imageSize,
        `choose a smaller one, or build the data set again with --size ${imageSize} or more`,
      ),
    );
  }
  if (
    !Number.isSafeInteger(epoch) ||
    epoch < 0 ||
    !Number.isSafeInteger(index) ||
    index < 0 ||
    index >= count
  ) {
    throw new ConfigError(
      expected(
        `a position in a data set of ${count} pictures`,
        { epoch, index },
        'the run started with other data: train from the beginning, or give its own data set',
      ),
    );
  }
}
