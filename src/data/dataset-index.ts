/** `index.json`: what a data set holds and where each record lies. Small enough to be read whole. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { DatasetError } from '../system/errors.ts';
import { isRecord, jsonOrNothing } from '../system/json-text.ts';
import { ownCommand } from '../system/own-command.ts';
import { readPlainText } from '../system/plain-file.ts';
import { isPhotoName } from './photo-files.ts';
import { FRAME_BYTES } from './tfrecord-file.ts';

export const INDEX_FILE = 'index.json';
/** Is in a folder while its data set is being built. */
export const BUILDING_FILE = 'building.json';
export const SET_ASIDE_FILE = 'set-aside.json';
export const INDEX_VERSION = 1;

/** Why a photo is not in the data set. */
export type SetAsideReason = 'unreadable' | 'tiny' | 'narrow' | 'flat' | 'duplicate';

export interface ShardIndex {
  readonly file: string;
  /** Bytes of each record's data in order. Each is in a frame of 16 bytes more, the first at offset 0. */
  readonly lengths: readonly number[];
}

/** A photo that did not get into the data set. */
export interface SetAside {
  readonly file: string;
  readonly reason: SetAsideReason;
  /** What is wrong with it, for people. */
  readonly detail: string;
}

/** What decides a data set besides the photos. */
export interface BuildSettings {
  /** Short side of every picture, px. */
  readonly size: number;
  /** JPEG quality that the pictures are stored with. */
  readonly quality: number;
  /** When a shard is full. */
  readonly shardSize: { readonly amount: number; readonly unit: 'bytes' | 'records' };
  /** Number of photos drawn; null for all. */
  readonly limit: number | null;
  /** Decides which are drawn. */
  readonly seed: number;
  /** Number of synthetic pictures; not there in a data set of photos. */
  readonly count?: number;
}

/** What a build was asked for: another one with the same continues it. */
export interface BuildPlan {
  readonly version: number;
  readonly settings: BuildSettings;
  /** SHA-256 of names and lengths of the photos. */
  readonly photos: string;
}

export interface DatasetIndex extends BuildPlan {
  /** SHA-256 over the pictures and how they are stored: equal for equal data sets, wherever they lie. */
  readonly id: string;
  /** Number of pictures. */
  readonly count: number;
  readonly setAside: Readonly<Partial<Record<SetAsideReason, number>>>;
  readonly shards: readonly ShardIndex[];
}

/** Bytes of a whole shard. */
export function shardBytes({ lengths }: ShardIndex): number {
  return lengths.reduce((sum, length) => sum + length + FRAME_BYTES, 0);
}

/**
 * Reads and checks the index of a data set.
 *
 * @throws {DatasetError} no such folder, not a data set (with what to do where it is a folder of photos), a build
 *   that was not finished, or an index of another version or cut.
 */
export async function readIndex(folder: string): Promise<DatasetIndex> {
  let text: string;
  try {
    text = await readPlainText(join(folder, INDEX_FILE));
  } catch (error) {
    throw (await whyNoIndex(folder)) ?? asFileError(error, `read the data set ${folder}`);
  }
  const index = jsonOrNothing(text);
  if (!isIndex(index)) {
    throw new DatasetError(
      `${join(folder, INDEX_FILE)} is damaged; build the data set again with --overwrite.`,
    );
  }
  if (index.version !== INDEX_VERSION) {
    throw new DatasetError(
      `${folder} is a data set of version ${index.version}, this program reads ${INDEX_VERSION}; build it again with --overwrite.`,
    );
  }
  return index;
}

async function whyNoIndex(folder: string): Promise<DatasetError | undefined> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) return new DatasetError(`There is no data set at ${folder}: no such folder.`);
  if (!found.isDirectory()) {
    return new DatasetError(
      `${folder} is a file; a data set is a folder made by: ${ownCommand('dataset build')}.`,
    );
  }
  const names: readonly string[] = await readdir(folder).catch(() => []);
  if (names.includes(INDEX_FILE)) return undefined;
  if (names.includes(BUILDING_FILE)) {
    return new DatasetError(`The data set ${folder} is not finished; run the same 'dataset build' again.`);
  }
  const photos = names.some(isPhotoName);
  return new DatasetError(
    `${folder} is ${photos ? 'a folder of photos, not' : 'not'} a data set; run: ${ownCommand(`dataset build ${photos ? folder : '<photo folder>'} --out datasets/<name>`)}.`,
  );
}

function isIndex(value: unknown): value is DatasetIndex {
  if (!isRecord(value)) return false;
  const index: Partial<Record<keyof DatasetIndex, unknown>> = value;
  if (typeof index.version !== 'number') return false;
  if (index.version !== INDEX_VERSION) return true;
  const { id, settings, photos, count, setAside, shards } = index;
  return (
    typeof id === 'string' &&
    typeof photos === 'string' &&
    isRecord(settings) &&
    [settings.size, settings.quality, count].every(isLength) &&
    isRecord(setAside) &&
    Array.isArray(shards) &&
    shards.every(isShard) &&
    shards.reduce((sum, shard) => sum + shard.lengths.length, 0) === count
  );
}

function isShard(value: unknown): value is ShardIndex {
  if (!isRecord(value)) return false;
  const { file, lengths }: Partial<Record<keyof ShardIndex, unknown>> = value;
  // In the data set's own folder: the index may be of a stranger's making.
  const isName = typeof file === 'string' && /^[^/\\]+$/.test(file) && file !== '..';
  return isName && Array.isArray(lengths) && lengths.every(isLength);
}

function isLength(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
