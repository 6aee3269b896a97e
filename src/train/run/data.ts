/** The data set that a training uses: the one that is given, or one of synthetic pictures. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PixelBatch } from '../../data/batches.ts';
import { asFileError } from '../../system/atomic-file.ts';
import { cacheFolder } from '../../system/cache-folder.ts';
import { isRunning } from '../../system/running-process.ts';

/** Synthetic pictures where no data is given. */
const COUNT = 1000;

export interface TrainData {
  readonly folder: string;
  readonly id: string;
  /** Number of pictures. */
  readonly count: number;
  /** It is not made yet: a plan makes nothing. */
  readonly isMissing?: boolean;
}

/** Whoever starts a training, as its data is found. */
export interface DataHooks {
  /** Takes a line for the user. */
  readonly say: (line: string) => void;
  /** Hears how many synthetic pictures are made, where they have to be. */
  readonly onMaking?: ((done: number, total: number) => void) | undefined;
}

/** Pictures of the data set, known before the size of crops is. */
export async function countPictures(data: string | undefined): Promise<number> {
  if (data === undefined) return COUNT;
  const { openDataset } = await import('../../data/batches.ts');
  const dataset = await openDataset(data);
  await dataset.close();
  return dataset.count;
}

/**
 * Opens the data set, or the synthetic one for crops of this size, which is made at its first use and kept in the cache.
 *
 * @param isPlan makes nothing: a synthetic one that is not there is answered as it would be.
 * @throws {DatasetError} it cannot be used. {FileError} the cache cannot be written.
 */
export async function findTrainData(
  data: string | undefined,
  imageSize: number,
  { isPlan, ...hooks }: DataHooks & { readonly isPlan: boolean },
): Promise<TrainData> {
  if (data === undefined && isPlan) {
    const { folder } = await syntheticPlace(imageSize);
    if (!(await isThere(folder))) {
      hooks.say(
        `No --data given: training would first make ${COUNT} synthetic pictures (${folder}); photos are better, see docs/synthetic-data.md.`,
      );
      return { folder, id: '', count: COUNT, isMissing: true };
    }
  }
  const folder = data ?? (await syntheticData(imageSize, hooks));
  const { openDataset } = await import('../../data/batches.ts');
  const dataset = await openDataset(folder);
  await dataset.close();
  return { folder, id: dataset.id, count: dataset.count };
}

/**
 * The folder of synthetic pictures for crops of this size, which are made if they are not in the cache yet.
 *
 * @throws {FileError} the cache cannot be written.
 */
export async function syntheticData(
  imageSize: number,
  { say, onMaking = () => undefined }: DataHooks,
  pictures = COUNT,
): Promise<string> {
  const { all, name, folder, size } = await syntheticPlace(imageSize);
  say(
    `No --data given: training on ${pictures} synthetic pictures (${folder}); photos are better, see docs/synthetic-data.md.`,
  );
  if (await isThere(folder)) return folder;
  await removeAbandoned(all, name);
  // Made apart and moved when whole: of two runs that start at once, each makes it and one keeps it.
  const making = join(all, `${name}.making-${process.pid}`);
  const { synthesizeDataset } = await import('../../data/synthesize-dataset.ts');
  onMaking(0, pictures);
  try {
    await mkdir(all, { recursive: true }).catch((error: unknown) => {
      throw asFileError(error, `make the folder ${all}`);
    });
    await synthesizeDataset({
      out: join(making, 'synthetic'),
      count: pictures,
      seed: 1,
      size,
      quality: 92,
      shardSize: { amount: 64e6, unit: 'bytes' },
      onProgress: ({ done }) => onMaking(done, pictures),
    });
    await rename(join(making, 'synthetic'), folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw asFileError(error, `write ${folder}`);
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}

/** Where synthetic pictures for crops of this size are, and how large they are. */
async function syntheticPlace(imageSize: number) {
  const { SYNTHESIS_VERSION } = await import('../../data/synth/picture.ts');
  // As much larger than the crops as photos are by default (`dataset build --size`), and more.
  const size = Math.ceil(1.25 * imageSize);
  const all = join(cacheFolder(), 'synthetic');
  const name = `v${SYNTHESIS_VERSION}-${size}px`;
  return { all, name, folder: join(all, name), size };
}

/**
 * Batches to measure a step with before there is a data set: one picture again and again.
 *
 * @param side of the crops, px.
 */
export async function* standInBatches(batch: number, side: number): AsyncGenerator<PixelBatch, void, void> {
  const { syntheticPicture } = await import('../../data/synth/picture.ts');
  const { pixels } = syntheticPicture(1, 0, side);
  const all = new Uint8Array(batch * pixels.length);
  for (let i = 0; i < batch; i++) all.set(pixels, i * pixels.length);
  const one = { pixels: all, size: side, count: batch, position: { epoch: 0, index: 0 } };
  for (;;) yield one;
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

/** Removes what runs that were killed have left. */
async function removeAbandoned(all: string, name: string): Promise<void> {
  for (const each of await readdir(all).catch((): string[] => [])) {
    const pid = each.startsWith(`${name}.making-`) ? Number(each.slice(each.lastIndexOf('-') + 1)) : 0;
    if (pid > 0 && !isRunning(pid)) await rm(join(all, each), { recursive: true, force: true });
  }
}
