import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freeDisk } from '../../system/scratch-file.ts';
import type { Store, StoredFile } from './store.ts';

/** Bytes of a file from which on it is kept: a film is fetched for each of its parts, a data set for each training. */
const LEAST = 16 * 2 ** 20;
/** Share of the free disk that files which are kept may take. */
const SHARE = 1 / 4;

/** Bytes that each of several caches on the disk of a folder may take. */
export const roomForCache = (folder: string, caches: number): number => (SHARE * freeDisk(folder)) / caches;

/** A store whose large files are kept on this machine's disk until others need the room. What is fetched is not to be written to. */
export class CachedStore implements Store {
  readonly #store: Store;
  readonly #folder: string;
  readonly #least: number;
  readonly #most: number;
  /** Bytes of the files that are kept, the least recently fetched first. */
  readonly #kept = new Map<string, number>();

  /** @param folder of its own. @param most bytes of all files. @param least bytes of a file that is kept. */
  constructor(store: Store, folder: string, most: number, least = LEAST) {
    this.#store = store;
    this.#folder = folder;
    this.#least = least;
    this.#most = most;
  }

  get url(): string {
    return this.#store.url;
  }

  async fetch(key: string, path: string, signal?: AbortSignal): Promise<void> {
    const found = await this.#store.find(key);
    if (found === undefined || found.bytes < this.#least || found.bytes > this.#most)
      return this.#store.fetch(key, path, signal);
    const { bytes, version } = found;
    const name = createHash('sha256').update(`${key}\0${bytes}\0${version}`).digest('hex');
    const place = join(this.#folder, name);
    if (!this.#kept.delete(name)) {
      await this.#makeRoom(bytes);
      await mkdir(this.#folder, { recursive: true });
      await this.#store.fetch(key, place, signal);
    }
    this.#kept.set(name, bytes);
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    // Where links cannot be made, as between disks.
    await link(place, path).catch(() => copyFile(place, path));
  }

  put(path: string, key: string, signal?: AbortSignal): Promise<void> {
    return this.#store.put(path, key, signal);
  }

  path(key: string): Promise<string | undefined> {
    return this.#store.path(key);
  }

  exists(key: string): Promise<boolean> {
    return this.#store.exists(key);
  }

  find(key: string): Promise<StoredFile | undefined> {
    return this.#store.find(key);
  }

  remove(key: string): Promise<void> {
    return this.#store.remove(key);
  }

  list(prefix: string): AsyncIterable<StoredFile> {
    return this.#store.list(prefix);
  }

  close(): void {
    this.#store.close();
  }

  async #makeRoom(bytes: number): Promise<void> {
    let sum = [...this.#kept.values()].reduce((all, one) => all + one, bytes);
    for (const [name, size] of this.#kept) {
      if (sum <= this.#most) return;
      await rm(join(this.#folder, name), { force: true });
      this.#kept.delete(name);
      sum -= size;
    }
  }
}
