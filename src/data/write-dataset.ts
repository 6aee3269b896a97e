/** Writes a data set from pictures in their order: shards and index, resumed where an earlier run ended. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { asFileError, writeFileAtomically } from '../system/atomic-file.ts';
import {
  isBuilt,
  lockBuild,
  removeBuild,
  removeNotes,
  type ShardNote,
  startOrResume,
} from './build-state.ts';
import { openDataset } from './dataset.ts';
import {
  type BuildPlan,
  type DatasetIndex,
  INDEX_FILE,
  SET_ASIDE_FILE,
  type SetAside,
} from './dataset-index.ts';
import { mapInOrder } from './map-in-order.ts';
import type { PreparedPhoto } from './prepare-photo.ts';
import { ShardSeries } from './shard-series.ts';

export interface WriteDatasetOptions<Source> {
  /** Folder of the data set. */
  readonly out: string;
  readonly plan: BuildPlan;
  /** What the pictures are made from, in their order. */
  readonly sources: readonly Source[];
  readonly prepare: (source: Source) => Promise<PreparedPhoto | SetAside>;
  /** Replaces an existing data set. */
  readonly overwrite: boolean;
  readonly onProgress: (progress: BuildProgress) => void;
  /** Why there is no data set where none of the pictures can be used. */
  readonly nothingUsable: (setAside: readonly SetAside[]) => Error;
}

export interface BuildProgress {
  /** Photos dealt with, those of an earlier run included. */
  readonly done: number;
  readonly total: number;
  readonly setAside: number;
}

export interface BuildResult {
  readonly index: DatasetIndex;
  /** Pictures dealt with by this run: none when the data set was there already. */
  readonly photos: number;
  /** Photos that an earlier, interrupted run had dealt with. */
  readonly resumedAfter: number;
}

// libuv decodes four at a time; as many again lie ready when the main thread hands out the next.
const AT_ONCE = Math.max(8, Math.min(16, availableParallelism()));

/**
 * Writes a data set, or continues one whose writing was interrupted: the bytes are the same either way.
 *
 * @throws {ConfigError} another data set is in `out`.
 * @throws {FileError} another process builds there, no room on the disk, or no permission. Whole shards stay for the next run.
 */
export async function writeDataset<Source>(options: WriteDatasetOptions<Source>): Promise<BuildResult> {
  const { out, plan, overwrite } = options;
  // A data set that is only looked at may lie where nothing can be written.
  if (await isBuilt(out, plan, overwrite)) {
    await removeNotes(out).catch(() => undefined);
    return thereAlready(out);
  }
  const lock = await lockBuild(out);
  try {
    return await writeLocked(options);
  } finally {
    lock.release();
  }
}

async function thereAlready(out: string): Promise<BuildResult> {
  return { index: (await openDataset(out)).index, photos: 0, resumedAfter: 0 };
}

async function writeLocked<Source>(options: WriteDatasetOptions<Source>): Promise<BuildResult> {
  const { out, plan, sources, prepare, overwrite, onProgress } = options;
  const notes = await startOrResume(out, plan, overwrite);
  if (notes === 'complete') return thereAlready(out);
  const resumedAfter = notes.at(-1)?.photosDone ?? 0;
  const shards = new ShardSeries(out, plan.settings.shardSize, notes);
  try {
    for await (const photo of mapInOrder(sources.slice(resumedAfter), AT_ONCE, prepare)) {
      await shards.take(photo);
      onProgress({ done: shards.photosDone, total: sources.length, setAside: shards.numSetAside });
    }
    await shards.finish();
  } catch (error) {
    await shards.abandon();
    throw asFileError(error, `write the data set ${out}`);
  }
  if (!shards.notes.some(hasRecords)) {
    await removeBuild(out);
    throw options.nothingUsable(shards.notes.flatMap((note) => note.setAside));
  }
  const index = await complete(out, plan, shards.notes);
  return { index, photos: sources.length - resumedAfter, resumedAfter };
}

async function complete(out: string, plan: BuildPlan, notes: readonly ShardNote[]): Promise<DatasetIndex> {
  const setAside = notes.flatMap((note) => note.setAside);
  const hash = createHash('sha256').update(`${plan.settings.size} ${plan.settings.quality}\n`);
  for (const { sources } of notes) for (const [id] of sources) hash.update(id);
  const index: DatasetIndex = {
    ...plan,
    id: hash.digest('hex'),
    count: notes.reduce((sum, { lengths }) => sum + lengths.length, 0),
    setAside: countReasons(setAside),
    shards: notes.filter(hasRecords).map(({ file, lengths }) => ({ file, lengths })),
  };
  await writeFileAtomically(join(out, SET_ASIDE_FILE), `${JSON.stringify(setAside, null, 2)}\n`, {
    overwrite: true,
  });
  await writeFileAtomically(join(out, INDEX_FILE), JSON.stringify(index), { overwrite: true });
  await removeNotes(out);
  return index;
}

function hasRecords({ lengths }: ShardNote): boolean {
  return lengths.length > 0;
}

/** How many were set aside for each reason. */
export function countReasons(setAside: readonly SetAside[]): DatasetIndex['setAside'] {
  const counts: Partial<Record<SetAside['reason'], number>> = {};
  for (const { reason } of setAside) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
