import { open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError, writeFileAtomically } from '../system/atomic-file.ts';
import { expected, FileError } from '../system/errors.ts';
import { type Lock, lockOrRefuse } from '../system/lock-file.ts';
import { readPlainFile, readPlainText } from '../system/plain-file.ts';
import {
  difference,
  type FilmKey,
  hasSegments,
  isOfLock,
  isOwnName,
  KEY,
  LOCK,
  PICTURE_STREAM,
  parseRecord,
  readKey,
  refuseStrangers,
  type SegmentRecord,
} from './film-parts.ts';
import type { FilmPosition } from './film-source.ts';

export type { FilmKey } from './film-parts.ts';

/** A stretch of painted frames that is whole. Times in ticks of the film's time base. */
export interface StoredSegment {
  readonly frames: number;
  readonly start: bigint;
  readonly end: bigint;
  /** When its last frame begins. */
  readonly last: bigint;
  /** A checksum of its last frame as it was decoded. */
  readonly mark: number;
  readonly path: string;
}

/** Where finished segments are kept. */
export interface SegmentKeeper {
  /** Where the segment of a number is written before it is finished. */
  unfinished(number: number): string;
  /** Makes a segment count. @param memory what the next frame depends on; none after the last. */
  keep(number: number, segment: Omit<StoredSegment, 'path'>, memory: Uint8Array | undefined): Promise<void>;
}

/** Where a film goes on after finished segments, from its beginning; undefined without any. */
export function positionAfter(finished: readonly StoredSegment[]): FilmPosition | undefined {
  const [first, latest] = [finished[0], finished.at(-1)];
  if (first === undefined || latest === undefined) return undefined;
  const { last, end, mark } = latest;
  return {
    frames: finished.reduce((sum, { frames }) => sum + frames, 0),
    origin: first.start,
    last,
    end,
    mark,
  };
}

/**
 * The folder where a film is while it is painted: finished segments, each with what the next frame depends on. A segment counts
 * when its record is there, which is written last, so a process that is killed leaves only whole segments.
 */
export class SegmentStore implements SegmentKeeper {
  readonly folder: string;
  readonly #extension: string;
  readonly #lock: Lock;
  readonly #finished: StoredSegment[] = [];
  #memory: Uint8Array | undefined;

  private constructor(folder: string, extension: string, lock: Lock) {
    this.folder = folder;
    this.#extension = extension;
    this.#lock = lock;
  }

  /**
   * Opens the folder, or makes it.
   *
   * @param overwrite starts again where another film is in it; isNew starts again where the same source's film is in it.
   * @throws {FileError} another process paints in it, it holds another film or anything that no film leaves, it is a link, or it
   *   cannot be written to.
   */
  static async open(
    folder: string,
    extension: string,
    key: FilmKey,
    { overwrite, isNew = false }: { readonly overwrite: boolean; readonly isNew?: boolean },
  ): Promise<SegmentStore> {
    let lock: Lock | undefined;
    try {
      await refuseStrangers(folder);
      lock = await lockOrRefuse(join(folder, LOCK), {
        what: "a film's parts that no other process paints",
        place: folder,
        remedy: 'choose another --out',
      });
      const store = new SegmentStore(folder, extension, lock);
      const known = await readKey(join(folder, KEY));
      const changed = known === undefined ? undefined : difference(known, key);
      const isSameStream = isNew && known?.source === key.source;
      if (changed !== undefined && !overwrite && !isSameStream) {
        throw new FileError(
          `${folder} holds a part of another film (${changed}); use the options of then, or pass --overwrite to start again.`,
        );
      }
      if (known === undefined && !overwrite && (await hasSegments(folder))) {
        throw new FileError(
          expected(
            `${KEY} to say which film's finished parts ${folder} holds`,
            'none that can be read',
            'choose another --out, or pass --overwrite to start again without them',
          ),
        );
      }
      if (known === undefined || changed !== undefined || isNew) {
        await store.#clear();
        await writeFileAtomically(join(folder, KEY), `${JSON.stringify(key, null, 2)}\n`, {
          overwrite: true,
        });
      }
      await store.#find();
      return store;
    } catch (error) {
      lock?.release();
      throw asFileError(error, `use the folder ${folder}`);
    }
  }

  /** What is finished, from the film's beginning, without a gap. */
  get finished(): readonly StoredSegment[] {
    return this.#finished;
  }

  /** Frames that need not be painted again. */
  get frames(): number {
    return this.#finished.reduce((sum, { frames }) => sum + frames, 0);
  }

  /** The painter's memory after the last finished frame. */
  get memory(): Uint8Array | undefined {
    return this.#memory;
  }

  unfinished(number: number): string {
    // An encoder of a process that was killed may still be at its last frames.
    return join(this.folder, `${name(number)}.unfinished-${process.pid}.${this.#extension}`);
  }

  /** Makes a segment count. @throws {FileError} no room is left. */
  async keep(
    number: number,
    segment: Omit<StoredSegment, 'path'>,
    memory: Uint8Array | undefined,
  ): Promise<void> {
    const path = join(this.folder, `${name(number)}.${this.#extension}`);
    const { frames, start, end, last, mark } = segment;
    try {
      const file = await open(this.unfinished(number), 'r+');
      await file.sync();
      const { size: bytes } = await file.stat();
      await file.close();
      await rename(this.unfinished(number), path);
      if (memory !== undefined)
        await writeFileAtomically(join(this.folder, `${name(number)}.memory`), memory, { overwrite: true });
      const record: SegmentRecord = {
        ...{ frames, start: String(start), end: String(end), last: String(last), mark, bytes },
        hasMemory: memory !== undefined,
      };
      await writeFileAtomically(join(this.folder, `${name(number)}.json`), JSON.stringify(record), {
        overwrite: true,
      });
    } catch (error) {
      throw asFileError(error, `write to ${this.folder}`);
    }
    this.#finished.push({ ...segment, path });
    // Only the last one's is ever read.
    await rm(join(this.folder, `${name(number - 1)}.memory`), { force: true });
  }

  /** Lets other processes in. */
  release(): void {
    this.#lock.release();
  }

  /** Takes away what painting made in the folder, and the folder, unless it holds something else by now. */
  async remove(): Promise<void> {
    await this.#clear();
    this.#lock.release();
    await rmdir(this.folder).catch(() => undefined);
  }

  async #clear(): Promise<void> {
    const names = (await readdir(this.folder)).filter((file) => isOwnName(file) && !isOfLock(file));
    // What marks the folder as a film's goes last: a process killed here leaves no segments of an unknown film.
    const files = [...names.filter((file) => file !== KEY), ...names.filter((file) => file === KEY)];
    await rm(join(this.folder, PICTURE_STREAM), { recursive: true, force: true });
    for (const file of files) await rm(join(this.folder, file), { force: true });
  }

  async #find(): Promise<void> {
    for (const file of await readdir(this.folder)) {
      if (file.includes('.unfinished-')) await rm(join(this.folder, file), { force: true });
    }
    for (let number = 0; ; number++) {
      const text = await readPlainText(join(this.folder, `${name(number)}.json`)).catch(() => undefined);
      if (text === undefined) break;
      const record = parseRecord(text);
      if (record === undefined) break;
      const { frames, start, end, last, mark, bytes, hasMemory } = record;
      const path = join(this.folder, `${name(number)}.${this.#extension}`);
      const there = await stat(path).catch(() => undefined);
      if (there?.size !== bytes) break;
      const times = { start: BigInt(start), end: BigInt(end), last: BigInt(last) };
      this.#finished.push({ frames, ...times, mark, path });
      this.#memory = undefined;
      if (hasMemory)
        this.#memory = await readPlainFile(join(this.folder, `${name(number)}.memory`)).catch(
          () => undefined,
        );
    }
  }
}

const name = (number: number) => String(number).padStart(6, '0');
