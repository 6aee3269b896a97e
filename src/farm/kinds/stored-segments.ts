/** Painted segments of a film in the store, where all workers find them. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Segment } from '../../data/video/join.ts';
import { FileError } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import { parseRecord, type SegmentRecord } from '../../video/film-parts.ts';
import type { FilmPosition } from '../../video/film-source.ts';
import type { SegmentKeeper, StoredSegment } from '../../video/segment-store.ts';
import { OWN } from '../store/key.ts';
import { readablePath } from './fetch-into.ts';
import { JoinedMark } from './joined-mark.ts';
import type { TaskContext } from './kind.ts';

/** A segment's record in the store. */
type StoredRecord = SegmentRecord & { readonly sha256: string };

/**
 * The segments of one film: for each its frames, and a record, which is put last and makes it count; with the painter's memory where
 * another task may go on. Whoever paints a segment puts the same bytes.
 */
export class StoredSegments implements SegmentKeeper {
  readonly #prefix: string;
  readonly #extension: string;
  readonly #context: TaskContext;
  readonly #last: number | undefined;
  /** Says that the film is whole and in its place. */
  readonly joined: JoinedMark;
  #latest: Omit<StoredSegment, 'path'> | undefined;

  /** @param id of the film. @param extension of its segments. @param last whose memory nobody goes on with. */
  constructor(id: string, extension: string, context: TaskContext, last?: number) {
    this.#last = last;
    this.#prefix = `${OWN}/films/${id}`;
    this.#extension = extension;
    this.#context = context;
    this.joined = new JoinedMark(`${this.#prefix}/`, context);
  }

  /** The place after the last segment that was kept, as a film's decoding may go on with it. @param frames of the film up to there. */
  end(frames: number): FilmPosition | undefined {
    if (this.#latest === undefined) return undefined;
    const { start: origin, last, end, mark } = this.#latest;
    return { frames, origin, last, end, mark };
  }

  unfinished(number: number): string {
    return join(this.#context.scratch, `${name(number)}.unfinished.${this.#extension}`);
  }

  async keep(
    number: number,
    { frames, start, end, last, mark }: Omit<StoredSegment, 'path'>,
    memory: Uint8Array | undefined,
  ): Promise<void> {
    const path = this.unfinished(number);
    const { size: bytes } = await stat(path);
    const sha256 = await sha256OfFile(path);
    await this.#put(path, `${name(number)}.${this.#extension}`);
    await rm(path);
    const hasMemory = memory !== undefined && number !== this.#last;
    if (hasMemory) await this.#putContent(`${name(number)}.memory`, memory);
    const record: StoredRecord = {
      ...{ frames, start: String(start), end: String(end), last: String(last), mark, bytes, sha256 },
      hasMemory,
    };
    await this.#putContent(`${name(number)}.json`, JSON.stringify(record));
    // Only the last one's is ever read.
    if (number > 0) await this.#context.store.remove(this.#key(`${name(number - 1)}.memory`));
    this.#latest = { frames, start, end, last, mark };
  }

  /** The record of a segment; undefined where it is not finished. */
  async record(number: number): Promise<StoredRecord | undefined> {
    const bytes = await this.#content(`${name(number)}.json`);
    if (bytes === undefined) return undefined;
    const record = parseRecord(bytes.toString());
    const { sha256 } = (record ?? {}) as Partial<StoredRecord>;
    // One of another kind: it is painted again.
    return typeof sha256 === 'string' ? (record as StoredRecord) : undefined;
  }

  /** What a painter goes on with after a segment; undefined where another task is beyond it. */
  memory(number: number): Promise<Uint8Array | undefined> {
    return this.#content(`${name(number)}.memory`);
  }

  /** Fetches a segment. @throws {FileError} it is not there, or not as it was put. */
  async fetch(number: number): Promise<Segment> {
    const record = await this.record(number);
    if (record === undefined)
      throw new FileError(
        `Segment ${number} of the film is missing in ${this.#context.store.url}; submit the film again.`,
      );
    const { frames, start, end, last, sha256 } = record;
    const file = `${name(number)}.${this.#extension}`;
    const { path } = await readablePath(this.#context, this.#key(file), file);
    if ((await sha256OfFile(path)) !== sha256)
      throw new FileError(
        `Segment ${number} of the film has changed in ${this.#context.store.url}; submit the film again.`,
      );
    return { path, frames, start: BigInt(start), end: BigInt(end), last: BigInt(last) };
  }

  async #put(path: string, file: string): Promise<void> {
    // Not given up with the task: what is finished is kept.
    await this.#context.store.put(path, this.#key(file));
  }

  async #putContent(file: string, content: Uint8Array | string): Promise<void> {
    const path = join(this.#context.scratch, file);
    await writeFile(path, content);
    await this.#put(path, file);
    await rm(path);
  }

  async #content(file: string): Promise<Buffer | undefined> {
    const { store, scratch, signal } = this.#context;
    const key = this.#key(file);
    if (!(await store.exists(key))) return undefined;
    const path = join(scratch, file);
    // It may go meanwhile: another task is beyond it.
    const isThere = await store.fetch(key, path, signal).then(
      () => true,
      async (error: unknown) => {
        signal.throwIfAborted();
        if (await store.exists(key)) throw error;
        return false;
      },
    );
    if (!isThere) return undefined;
    const bytes = await readFile(path);
    await rm(path);
    return bytes;
  }

  #key(file: string): string {
    return `${this.#prefix}/${file}`;
  }
}

const name = (number: number) => String(number).padStart(6, '0');
