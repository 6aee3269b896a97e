/** Builds a data set: a folder of photos becomes shards of records of one size, with an index. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { asFileError, writeFileAtomically } from '../atomic-file.ts';
import { DatasetError } from '../errors.ts';
import { removeBuild, removeNotes, type ShardNote, startOrResume } from './build-state.ts';
import { openDataset } from './dataset.ts';
import {
  type BuildPlan,
  type BuildSettings,
  type DatasetIndex,
  INDEX_FILE,
  INDEX_VERSION,
  SET_ASIDE_FILE,
  type SetAside,
} from './dataset-index.ts';
import { mapInOrder } from './map-in-order.ts';
import { drawPhotos, findPhotos, type PhotoFile, photosId } from './photo-files.ts';
import { preparePhoto } from './prepare-photo.ts';
import { ShardSeries } from './shard-series.ts';

export interface BuildOptions {
  /** Folders of photos; every folder below them is searched. */
  readonly folders: readonly string[];
  /** Folder of the data set. */
  readonly out: string;
  readonly settings: BuildSettings;
  /** Replaces a data set that stands there. @default false: goes on with the same build, refuses another */
  readonly overwrite?: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
}

export interface BuildProgress {
  /** Photos dealt with, those of an earlier run included. */
  readonly done: number;
  readonly total: number;
  readonly setAside: number;
}

export interface BuildResult {
  readonly index: DatasetIndex;
  /** Photos dealt with by this run: none when the data set was there already. */
  readonly photos: number;
  /** Photos that an earlier, interrupted run had dealt with. */
  readonly resumedAfter: number;
}

// libuv decodes four at a time; as many again lie ready when the main thread hands out the next.
const AT_ONCE = Math.max(8, Math.min(16, availableParallelism()));

/**
 * Builds a data set, or goes on with one whose building was interrupted: the bytes are the same either way.
 *
 * @throws {DatasetError} no such folder, no pictures in it, or none that can be used.
 * @throws {ConfigError} another data set stands in `out`.
 * @throws {FileError} no room on the disk, or no permission. Whole shards stay for the next run.
 */
export async function buildDataset({
  folders,
  out,
  settings,
  overwrite = false,
  onProgress = () => {},
}: BuildOptions): Promise<BuildResult> {
  const photos = drawPhotos(await findPhotos(folders), settings.limit ?? undefined, settings.seed);
  const plan: BuildPlan = { version: INDEX_VERSION, settings, photos: photosId(photos) };
  const notes = await startOrResume(out, plan, overwrite);
  if (notes === 'complete') return { index: (await openDataset(out)).index, photos: 0, resumedAfter: 0 };
  const resumedAfter = notes.at(-1)?.photosDone ?? 0;
  const shards = new ShardSeries(out, settings.shardSize, notes);
  try {
    const prepared = mapInOrder(photos.slice(resumedAfter), AT_ONCE, (photo) =>
      preparePhoto(photo, settings),
    );
    for await (const photo of prepared) {
      await shards.take(photo);
      onProgress({ done: shards.photosDone, total: photos.length, setAside: shards.numSetAside });
    }
    await shards.finish();
  } catch (error) {
    await shards.abandon();
    throw asFileError(error, `write the data set ${out}`);
  }
  if (!shards.notes.some(hasRecords)) {
    await removeBuild(out);
    throw new DatasetError(nothingUsable(photos, shards.notes));
  }
  const index = await complete(out, plan, shards.notes);
  return { index, photos: photos.length - resumedAfter, resumedAfter };
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

function countReasons(setAside: readonly SetAside[]): DatasetIndex['setAside'] {
  const counts: Partial<Record<SetAside['reason'], number>> = {};
  for (const { reason } of setAside) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function nothingUsable(photos: readonly PhotoFile[], notes: readonly ShardNote[]): string {
  const setAside = notes.flatMap((note) => note.setAside);
  const reasons = Object.entries(countReasons(setAside)).map(([reason, count]) => `${count} ${reason}`);
  const first = setAside[0];
  return `None of the ${photos.length} pictures can be used: ${reasons.join(', ')}${first ? `; ${first.file}: ${first.detail}` : '.'}`;
}
