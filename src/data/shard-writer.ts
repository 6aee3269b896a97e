/** Writes one shard under a name of its own, and gives it its real one when it is whole and on the disk. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { asFileError } from '../system/atomic-file.ts';
import { frameRecord } from './tfrecord-file.ts';

export class ShardWriter {
  readonly path: string;
  /** Bytes of each record's data, so far. */
  readonly lengths: number[] = [];
  #bytes = 0;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Begins a shard; what a killed build left of it is written over. @throws {FileError} it cannot be written. */
  static async open(path: string): Promise<ShardWriter> {
    try {
      return new ShardWriter(path, await open(partOf(path), 'w'));
    } catch (error) {
      throw asFileError(error, `write ${path}`);
    }
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async add(record: Uint8Array): Promise<void> {
    const frame = frameRecord(record);
    await this.#file.writeFile(frame);
    this.lengths.push(record.length);
    this.#bytes += frame.length;
  }

  /** Flushes the shard to the disk and gives it its name. */
  async finish(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
    await rename(partOf(this.path), this.path);
  }

  /** Drops the shard. */
  async abandon(): Promise<void> {
    await this.#file.close();
    await rm(partOf(this.path), { force: true });
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}
