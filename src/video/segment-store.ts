import { lstat, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError, writeFileAtomically } from '../atomic-file.ts';
import { expected, FileError } from '../errors.ts';
import { type Lock, lockOrRefuse } from '../lock-file.ts';

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

interface Record {
  readonly frames: number;
  readonly start: string;
  readonly end: string;
  readonly last: string;
  readonly mark: number;
  readonly bytes: number;
  readonly hasMemory: boolean;
}

/** All that painted frames depend on, by name: a film goes on only where nothing of it has changed. */
export type FilmKey = Readonly<{ [name: string]: string | number | boolean | null }>;

const KEY = 'film.json';
const LOCK = 'film.lock';
/** Made on the way to the whole film (data/video/join.ts). */
const PICTURES = 'pictures';
/** Every name of a file that painting makes in its folder, with the temporary ones of files that are written whole. */
const OWN =
  /^(\d{6,}\.(json|memory|mp4|mov|mkv)|film\.json|list\.txt|palette\.png|sound\.mka)(\.\d+-[0-9a-f]{8}\.part)?$|^\d{6,}\.unfinished-\d+\.(mp4|mov|mkv)$|^film\.lock(\.breaking|\.[0-9a-f-]{36})?$/;

/**
 * The folder where a film is while it is painted: finished segments, each with what the next frame depends on. A segment counts
 * when its record is there, which is written last: whatever happens to the process, the rest is painted again.
 */
export class SegmentStore {
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
   * @param overwrite begins anew where another film is in it; isNew begins anew where the same source's film is in it.
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
          `${folder} holds a part of another film (${changed}); say what you said then, or pass --overwrite to begin anew.`,
        );
      }
      if (known === undefined && !overwrite && (await hasSegments(folder))) {
        throw new FileError(
          expected(
            `${KEY} to say which film's finished parts ${folder} holds`,
            'none that can be read',
            'choose another --out, or pass --overwrite to begin anew without them',
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

  /** Where the segment of a number is written before it is finished. */
  unfinished(number: number): string {
    // An encoder of a process that was killed may still be at its last frames.
    return join(this.folder, `${name(number)}.unfinished-${process.pid}.${this.#extension}`);
  }

  /** Makes a segment count, for good. @throws {FileError} no room is left. */
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
      const record: Record = {
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
    // Only the last one's is ever asked for.
    await rm(join(this.folder, `${name(number - 1)}.memory`), { force: true });
  }

  /** Lets other processes in. */
  release(): void {
    this.#lock.release();
  }

  /** Takes away what painting made in the folder, and the folder, unless somebody has put something else there meanwhile. */
  async remove(): Promise<void> {
    await this.#clear();
    this.#lock.release();
    await rmdir(this.folder).catch(() => undefined);
  }

  async #clear(): Promise<void> {
    const names = (await readdir(this.folder)).filter((file) => OWN.test(file) && !file.startsWith(LOCK));
    // What tells a film's folder goes last: a process killed here leaves no segments that nothing explains.
    const files = [...names.filter((file) => file !== KEY), ...names.filter((file) => file === KEY)];
    await rm(join(this.folder, PICTURES), { recursive: true, force: true });
    for (const file of files) await rm(join(this.folder, file), { force: true });
  }

  async #find(): Promise<void> {
    for (const file of await readdir(this.folder)) {
      if (file.includes('.unfinished-')) await rm(join(this.folder, file), { force: true });
    }
    for (let number = 0; ; number++) {
      const text = await readFile(join(this.folder, `${name(number)}.json`), 'utf8').catch(() => undefined);
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
        this.#memory = await readFile(join(this.folder, `${name(number)}.memory`)).catch(() => undefined);
    }
  }
}

const name = (number: number) => String(number).padStart(6, '0');

/** @throws {FileError} the folder is a link or a file, or holds what no film leaves: nothing in it is written or removed then. */
async function refuseStrangers(folder: string): Promise<void> {
  const there = await lstat(folder).catch(() => undefined);
  if (there === undefined) return;
  const refuse = (received: string): never => {
    throw new FileError(
      expected(
        `nothing but a film's finished parts at ${folder}`,
        received,
        'move it away, or choose another --out',
      ),
    );
  };
  if (there.isSymbolicLink()) refuse('a link');
  if (!there.isDirectory()) refuse('a file');
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isOwn = entry.name === PICTURES ? entry.isDirectory() : entry.isFile() && OWN.test(entry.name);
    if (!isOwn) refuse(`${entry.name}${entry.isSymbolicLink() ? ', a link' : ''}`);
  }
  const pictures = await readdir(join(folder, PICTURES), { withFileTypes: true }).catch(() => []);
  const odd = pictures.find((entry) => !entry.isFile());
  if (odd !== undefined) refuse(join(PICTURES, odd.name));
}

/** Whether the folder holds frames that took time to paint. */
async function hasSegments(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((file) => /^\d{6,}\.(json|mp4|mov|mkv)$/.test(file));
}

/** Whose film it is; undefined where nothing says so in a way that can be read. */
async function readKey(path: string): Promise<FilmKey | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  try {
    const key: unknown = text === undefined ? undefined : JSON.parse(text);
    const isKey = typeof key === 'object' && key !== null && !Array.isArray(key);
    return isKey ? (key as FilmKey) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for what is no record: its segment is painted again. */
function parseRecord(text: string): Record | undefined {
  try {
    const record = JSON.parse(text) as Partial<Record> | null;
    if (typeof record !== 'object' || record === null) return undefined;
    const { frames, start, end, last, mark, bytes, hasMemory } = record;
    const areNumbers = [frames, mark, bytes].every(Number.isSafeInteger) && frames! > 0;
    const areTicks = [start, end, last].every((ticks) => /^-?\d{1,19}$/.test(String(ticks)));
    return areNumbers && areTicks && typeof hasMemory === 'boolean' ? (record as Record) : undefined;
  } catch {
    return undefined;
  }
}

/** The first thing in which two films differ, in words. */
function difference(was: FilmKey, is: FilmKey): string | undefined {
  const names = [...new Set([...Object.keys(is), ...Object.keys(was)])];
  const changed = names.find((one) => (was[one] ?? null) !== (is[one] ?? null));
  return changed === undefined
    ? undefined
    : `${changed} was ${was[changed] ?? 'none'}, is ${is[changed] ?? 'none'}`;
}
