/** Looks into a data set: checks every picture, or writes some out. */
import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { withinBytes, writeFileAtomically } from '../system/atomic-file.ts';
import { DatasetError, FileError } from '../system/errors.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { shardBytes } from './dataset-index.ts';
import { decodePicture } from './image-file.ts';
import { mapInOrder } from './map-in-order.ts';

/** Reads that may be under way at a time. */
const AT_ONCE = 8;

/** What a data set contains. */
export interface DatasetFacts {
  readonly folder: string;
  /** Pictures in it. */
  readonly count: number;
  /** Their short side, px, and JPEG quality. */
  readonly size: number;
  readonly quality: number;
  /** Of all its files, and how many these are. */
  readonly bytes: number;
  readonly shards: number;
  /** Photos that are not in it, by reason. */
  readonly setAside: Readonly<Record<string, number>>;
}

/** @throws {DatasetError} it cannot be opened. */
export async function datasetFacts(folder: string): Promise<DatasetFacts> {
  const dataset = await openDataset(folder);
  await dataset.close();
  const { count, settings, shards, setAside } = dataset.index;
  const bytes = shards.reduce((sum, shard) => sum + shardBytes(shard), 0);
  const { size, quality } = settings;
  return { folder, count, size, quality, bytes, shards: shards.length, setAside: { ...setAside } };
}

/**
 * Reads every record, checks its checksums, decodes it and compares its size with what it says.
 *
 * @returns how many there are.
 * @throws {DatasetError} one or more are not whole: the message names the first and counts them.
 */
export async function verifyPictures(
  folder: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<number> {
  const dataset = await openDataset(folder);
  const faults: string[] = [];
  try {
    let done = 0;
    for await (const fault of mapInOrder(Array(dataset.count).keys(), AT_ONCE, (i) => faultOf(dataset, i))) {
      if (fault !== undefined) faults.push(fault);
      onProgress(++done, dataset.count);
    }
  } finally {
    await dataset.close();
  }
  if (faults.length > 0) {
    throw new DatasetError(
      `${faults.length} of ${dataset.count} pictures are not whole; the first: ${faults[0]}`,
    );
  }
  return dataset.count;
}

/**
 * Writes the first `count` pictures as JPEG files, byte for byte as they are stored.
 *
 * @param onWritten called after each. @returns how many were written.
 * @throws {FileError} one of the files exists already.
 */
export async function extractPictures(
  folder: string,
  count: number,
  to: string,
  onWritten: () => void = () => {},
): Promise<number> {
  const dataset = await openDataset(folder);
  const wanted = Math.min(count, dataset.count);
  try {
    for (let i = 0; i < wanted; i++) {
      const { encoded, filename } = await dataset.read(i);
      const name = withinBytes(fileName(basename(filename, extname(filename))), MOST_OF_NAME);
      const path = join(to, `${String(i).padStart(6, '0')}-${name}.jpg`);
      if (await stat(path).catch(() => undefined))
        throw new FileError(`${path} exists already; name another folder with --to.`);
      await writeFileAtomically(path, encoded);
      onWritten();
    }
  } finally {
    await dataset.close();
  }
  return wanted;
}

/** Bytes of a photo's name that the file's begins with. */
const MOST_OF_NAME = 200;

/** A photo's name as a record tells it, without what no file's name holds. */
function fileName(name: string): string {
  return name.replace(/[\p{Cc}\\/]/gu, '-');
}

async function faultOf(dataset: Dataset, i: number): Promise<string | undefined> {
  try {
    const { encoded, width, height, where } = await dataset.read(i);
    const picture = await decodePicture(encoded, where);
    if (picture.width === width && picture.height === height) return undefined;
    return `${where} is ${picture.width} x ${picture.height} px and says ${width} x ${height}.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
