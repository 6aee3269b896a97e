/** A built data set: random access to the pictures in its shards. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { DatasetError } from '../system/errors.ts';
import { type DatasetIndex, readIndex, type ShardIndex, shardBytes } from './dataset-index.ts';
import { decodeExample, FRAME_BYTES, readRecord } from './tfrecord-file.ts';

/** One stored picture. */
export interface DatasetRecord {
  /** The picture as a JPEG file, upright and in sRGB. */
  readonly encoded: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The photo's path in the folder that the data set was built from. */
  readonly filename: string;
  /** SHA-256 of the photo's file, in hexadecimal. */
  readonly sourceId: string;
  /** File and record, for errors about it. */
  readonly where: string;
}

interface Place {
  readonly shard: number;
  /** Position of the record in its shard. */
  readonly record: number;
  readonly offset: number;
  readonly length: number;
}

export class Dataset {
  readonly folder: string;
  readonly index: DatasetIndex;
  /** Where record i lies: [shard, record in it, offset, length] four by four. */
  readonly #places: Float64Array;
  readonly #files: Array<Promise<FileHandle> | undefined>;

  constructor(folder: string, index: DatasetIndex) {
    this.folder = folder;
    this.index = index;
    this.#places = locate(index.shards, index.count);
    this.#files = index.shards.map(() => undefined);
  }

  /** Number of pictures. */
  get count(): number {
    return this.index.count;
  }

  /** Short side of every picture, px. */
  get size(): number {
    return this.index.settings.size;
  }

  /** Equal for equal data sets, wherever they lie: tells whether a saved position belongs to this one. */
  get id(): string {
    return this.index.id;
  }

  get shards(): readonly ShardIndex[] {
    return this.index.shards;
  }

  /**
   * Reads picture `i` of 0 … count − 1 from its shard and checks its checksums. Calls may overlap.
   *
   * @throws {DatasetError} the record is cut or corrupt: the message names file and record.
   */
  async read(i: number): Promise<DatasetRecord> {
    const { shard, record, offset, length } = this.#place(i);
    const where = `${join(this.folder, this.shards[shard]!.file)}: record ${record + 1} of ${this.shards[shard]!.lengths.length}`;
    const file = await this.#open(shard);
    const features = decodeExample(await readRecord(file, offset, length, where), where);
    const encoded = features['image/encoded'];
    const width = features['image/width'];
    const height = features['image/height'];
    if (!(encoded instanceof Uint8Array) || typeof width !== 'number' || typeof height !== 'number') {
      throw new DatasetError(
        `${where} lacks image/encoded, image/width or image/height; build the data set again.`,
      );
    }
    const filename = text(features['image/filename']);
    return { encoded, width, height, filename, sourceId: text(features['image/source_id']), where };
  }

  /** Closes the shards; reads after it open them again. */
  async close(): Promise<void> {
    const files = this.#files.splice(0, this.#files.length, ...this.shards.map(() => undefined));
    for (const file of files) await file?.then((handle) => handle.close());
  }

  #place(i: number): Place {
    if (!Number.isInteger(i) || i < 0 || i >= this.count) {
      throw new RangeError(`Record ${i} of a data set of ${this.count}`);
    }
    const [shard, record, offset, length] = this.#places.subarray(i * 4, i * 4 + 4);
    return { shard: shard!, record: record!, offset: offset!, length: length! };
  }

  #open(shard: number): Promise<FileHandle> {
    const path = join(this.folder, this.shards[shard]!.file);
    this.#files[shard] ??= open(path, 'r').catch((error: unknown) => {
      throw asFileError(error, `read ${path}`);
    });
    return this.#files[shard];
  }
}

/**
 * Opens a data set that `fast-style dataset build` made. Close it after use.
 *
 * @throws {DatasetError} it is no data set, holds nothing, or a shard is missing or cut: found now, not hours later.
 */
export async function openDataset(folder: string): Promise<Dataset> {
  const index = await readIndex(folder);
  for (const shard of index.shards) await checkLength(folder, shard);
  return new Dataset(folder, index);
}

async function checkLength(folder: string, shard: ShardIndex): Promise<void> {
  const path = join(folder, shard.file);
  const wanted = shardBytes(shard);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new DatasetError(`${path} is missing; build the data set again with --overwrite.`);
  if (found.size === wanted) return;
  const whole = wholeRecords(shard, found.size);
  const fault =
    found.size > wanted
      ? `is longer than its index says`
      : `is cut short at record ${whole + 1} of ${shard.lengths.length}`;
  throw new DatasetError(
    `${path} ${fault}: ${found.size} bytes where ${wanted} should be; build the data set again with --overwrite.`,
  );
}

/** How many records of a shard lie wholly in its first `bytes`. */
function wholeRecords({ lengths }: ShardIndex, bytes: number): number {
  let end = 0;
  return lengths.filter((length) => {
    end += length + FRAME_BYTES;
    return end <= bytes;
  }).length;
}

function locate(shards: readonly ShardIndex[], count: number): Float64Array {
  const places = new Float64Array(count * 4);
  let at = 0;
  shards.forEach(({ lengths }, shard) => {
    let offset = 0;
    lengths.forEach((length, record) => {
      places.set([shard, record, offset, length], at);
      at += 4;
      offset += length + FRAME_BYTES;
    });
  });
  return places;
}

function text(value: Uint8Array | number | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
}
