import { createWriteStream, type Dirent } from 'node:fs';
import { lstat, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { asFileError, replaceFileAtomically } from '../../system/atomic-file.ts';
import { expected, FileError } from '../../system/errors.ts';
import { openPlainFile } from '../../system/plain-file.ts';
import { entriesByName } from './folder-entries.ts';
import { isTemporary, requireKey } from './key.ts';
import type { Store, StoredFile } from './store.ts';

/** Bytes that are copied at a time. */
const PIECE = 2 ** 20;

/**
 * A folder that all machines see, as one on NFS. Files appear by renaming, flushed. Links within the folder are followed; one that leads
 * out of it is refused.
 *
 * @throws {FileError} there is no such folder.
 */
export async function openFolderStore(folder: string): Promise<Store> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw asFileError(error, `use the folder ${folder} as a store`);
  });
  if (!(await stat(root)).isDirectory())
    throw new FileError(expected('a folder as a store', `${folder}, which is a file`));
  return new FolderStore(root);
}

class FolderStore implements Store {
  readonly url: string;
  readonly #root: string;

  /** @param root without links. */
  constructor(root: string) {
    this.#root = root;
    this.url = pathToFileURL(root).href;
  }

  async fetch(key: string, path: string, signal?: AbortSignal): Promise<void> {
    const from = await this.#placeOf(key);
    await copyFile(from, path, { action: `fetch ${key} from ${this.url}`, flush: false, signal });
  }

  async put(path: string, key: string, signal?: AbortSignal): Promise<void> {
    const to = await this.#placeOf(key);
    await copyFile(path, to, { action: `put ${key} into ${this.url}`, flush: true, signal });
  }

  path(key: string): Promise<string> {
    return this.#placeOf(key);
  }

  async exists(key: string): Promise<boolean> {
    return (await this.find(key)) !== undefined;
  }

  async find(key: string): Promise<StoredFile | undefined> {
    const found = await stat(await this.#placeOf(key)).catch(absent);
    return found?.isFile() ? { key, bytes: found.size, version: `${found.mtimeMs}` } : undefined;
  }

  async remove(key: string): Promise<void> {
    const place = await this.#placeOf(key);
    // A link goes, not what it leads to.
    await rm(place, { force: true }).catch((error: unknown) => {
      throw asFileError(error, `remove ${key} from ${this.url}`);
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredFile, void, void> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const from = folder === '' ? this.#root : await this.#placeOf(folder.slice(0, -1));
    for await (const key of filesBelow(from, folder)) {
      if (!key.startsWith(prefix)) continue;
      // It may have gone meanwhile, and a link may lead out.
      const found = await this.find(key).catch((error: unknown) => {
        if (!(error instanceof FileError)) throw error;
      });
      if (found !== undefined) yield found;
    }
  }

  close(): void {}

  /** The path of a key. @throws {ConfigError} it is none. {FileError} a link on the way leads out of the store. */
  async #placeOf(key: string): Promise<string> {
    const place = join(this.#root, ...requireKey(key).split('/'));
    const real = await realParent(place);
    if (real === this.#root || real.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep))
      return place;
    throw new FileError(
      expected(`a file below ${this.#root} as ${key}`, `a link to ${real}`, 'put the file itself there'),
    );
  }
}

/** Where a path leads: what of it is there, without links. */
async function realParent(path: string): Promise<string> {
  for (let there = resolve(path); ; there = dirname(there)) {
    const found = await realpath(there).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw asFileError(error, `use ${path}`);
    });
    if (found !== undefined) return found;
    // A link to nothing yet: what is written through it would land there.
    const dangling = await lstat(there).catch(() => undefined);
    if (dangling?.isSymbolicLink()) throw new FileError(expected('a file', `${there}, a link to nothing`));
  }
}

/**
 * Copies a file; the copy appears whole.
 *
 * @param how what it is done for, for messages, and whether the copy is safe from a power cut. @throws {FileError} it cannot be read, changes meanwhile, or cannot be written. The signal's reason.
 */
async function copyFile(
  from: string,
  to: string,
  {
    action,
    flush,
    signal,
  }: { readonly action: string; readonly flush: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const told = (error: unknown) => {
    signal?.throwIfAborted();
    return asFileError(error, action);
  };
  const source = await openPlainFile(from).catch((error: unknown) => {
    throw told(error);
  });
  try {
    const before = await source.stat();
    const write = async (temporary: string) => {
      const reading = source.createReadStream({ autoClose: false, highWaterMark: PIECE });
      const writing = createWriteStream(temporary, { flush, highWaterMark: PIECE });
      await pipeline(reading, writing, { signal });
      const [after, written] = [await source.stat(), await stat(temporary)];
      if (written.size !== before.size || after.mtimeMs !== before.mtimeMs)
        throw new FileError(`${from} has changed while it was copied; run it again when it is whole.`);
    };
    await replaceFileAtomically(to, write, { overwrite: true, flush });
  } catch (error) {
    throw told(error);
  } finally {
    await source.close();
  }
}

/** Keys of files of a folder and those in it, without links to folders, which could lead in circles. */
async function* filesBelow(folder: string, prefix: string): AsyncGenerator<string, void, void> {
  for await (const { name } of thereOf(
    entriesByName(folder, (one) => !one.isDirectory() && !isTemporary(one.name)),
  ))
    yield `${prefix}${name}`;
  for await (const { name } of thereOf(entriesByName(folder, (one) => one.isDirectory())))
    yield* filesBelow(join(folder, name), `${prefix}${name}/`);
}

/** Entries of a folder; none where it is not there, or has gone. */
async function* thereOf(entries: AsyncIterable<Dirent>): AsyncGenerator<Dirent, void, void> {
  try {
    yield* entries;
  } catch (error) {
    absent(error as NodeJS.ErrnoException);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw asFileError(error, 'look into the store');
}
