/** The shards of a build, filled one after the other from photos in their order. */

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { type ShardNote, shardFile, writeNote } from './build-state.ts';
import type { BuildSettings, SetAside } from './dataset-index.ts';
import type { PreparedPhoto } from './prepare-photo.ts';
import { FRAME_BYTES, frameRecord } from './tfrecord-file.ts';

/** Fills one shard after the other and notes each when it is whole. */
export class ShardSeries {
  readonly notes: ShardNote[];
  photosDone: number;
  numSetAside: number;
  readonly #out: string;
  readonly #limit: BuildSettings['shardSize'];
  /** Photos in the data set, by SHA-256: the first of each is kept. */
  readonly #seen: Map<string, string>;
  #writer: ShardWriter | undefined;
  #sources: [id: string, name: string][] = [];
  #setAside: SetAside[] = [];

  constructor(out: string, limit: BuildSettings['shardSize'], notes: readonly ShardNote[]) {
    this.#out = out;
    this.#limit = limit;
    this.notes = [...notes];
    this.#seen = new Map(notes.flatMap(({ sources }) => sources));
    this.photosDone = notes.at(-1)?.photosDone ?? 0;
    this.numSetAside = notes.reduce((sum, { setAside }) => sum + setAside.length, 0);
  }

  async take(photo: PreparedPhoto | SetAside): Promise<void> {
    const aside = 'reason' in photo ? photo : this.#asDuplicate(photo);
    if (aside) {
      this.#setAside.push(aside);
      this.numSetAside++;
    } else if ('record' in photo) {
      await this.#add(photo);
    }
    this.photosDone++;
  }

  /** Closes the last shard. With no record at all there is none, but a note of what was set aside. */
  async finish(): Promise<void> {
    await this.#close();
  }

  async abandon(): Promise<void> {
    await this.#writer?.abandon();
    this.#writer = undefined;
  }

  async #add({ sourceId, record, photo }: PreparedPhoto): Promise<void> {
    if (this.#writer && this.#isFull(this.#writer, record.length + FRAME_BYTES)) await this.#close();
    this.#writer ??= await ShardWriter.open(join(this.#out, this.#file));
    await this.#writer.add(record);
    this.#sources.push([sourceId, photo.name]);
    this.#seen.set(sourceId, photo.name);
  }

  #asDuplicate({ sourceId, photo }: PreparedPhoto): SetAside | undefined {
    const first = this.#seen.get(sourceId);
    if (first === undefined) return undefined;
    return { file: photo.name, reason: 'duplicate', detail: `The same file, byte for byte, as ${first}.` };
  }

  #isFull({ bytes, lengths }: ShardWriter, more: number): boolean {
    const { unit, amount } = this.#limit;
    return unit === 'bytes' ? bytes + more > amount : lengths.length >= amount;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    const lengths = this.#writer?.lengths ?? [];
    await this.#writer?.finish();
    this.#writer = undefined;
    const note = {
      file,
      lengths,
      photosDone: this.photosDone,
      sources: this.#sources,
      setAside: this.#setAside,
    };
    if (lengths.length > 0) await writeNote(this.#out, note);
    this.notes.push(note);
    this.#sources = [];
    this.#setAside = [];
  }

  get #file(): string {
    return shardFile(this.#out, this.notes.length);
  }
}

class ShardWriter {
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
