/** Files as who submits a job names them, as keys of the store. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asFileError } from '../../system/atomic-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { sha256OfFile } from '../../system/file-digest.ts';
import { OWN, requireKey, requireOutputKey } from '../store/key.ts';
import type { Store } from '../store/store.ts';

/** `--root`: a folder, or the address of a store. */
export function rootUrl(root: string): string {
  return /^[a-z0-9]+:\/\//i.test(root) ? root : pathToFileURL(resolve(root)).href;
}

export class StorePlaces {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The key of a file, or of a folder, with a slash, that is in the store.
   *
   * @throws {ConfigError} it lies elsewhere, or is not there.
   */
  async input(name: string): Promise<string> {
    const key = await this.#keyOf(name);
    if (key === '') return '/';
    const bare = key.replace(/\/$/, '');
    requireKey(bare);
    if (!key.endsWith('/') && (await this.#store.exists(bare))) return bare;
    for await (const _ of this.#store.list(`${bare}/`)) return `${bare}/`;
    throw new ConfigError(
      expected(`a file or folder in ${this.#store.url}`, name, 'there is none of that name'),
    );
  }

  /** The key to write to; a folder's, with a slash, where the name ends so, has no extension, or is that of a folder. */
  async output(name: string): Promise<string> {
    const key = await this.#keyOf(name);
    if (key === '') return '/';
    const bare = requireOutputKey(key.replace(/\/$/, ''), 'what is written');
    if (key.endsWith('/') || !/\.[^./]+$/.test(bare)) return `${bare}/`;
    const path = this.#pathOf(bare);
    const isFolder = path !== undefined && (await stat(path).catch(() => undefined))?.isDirectory();
    return isFolder ? `${bare}/` : bare;
  }

  /**
   * Puts a file into the store under its SHA-256, unless it is there: all workers get the same bytes, wherever the file is.
   *
   * @returns its key. @throws {FileError} it cannot be read, or the store cannot take it.
   */
  async carried(path: string, folder: string): Promise<string> {
    const digest = await sha256OfFile(path).catch((error: unknown) => {
      throw asFileError(error, `read ${path}`);
    });
    const name = basename(path).replaceAll(/[^\p{L}\p{M}\p{N}._ -]/gu, '-');
    const key = requireKey(`${OWN}/${folder}/${digest}/${name}`);
    if (!(await this.#store.exists(key))) await this.#store.put(path, key);
    return key;
  }

  async #keyOf(name: string): Promise<string> {
    const { url } = this.#store;
    const address = url.endsWith('/') ? url : `${url}/`;
    if (name.startsWith(address)) return name.slice(address.length);
    const root = this.#pathOf('');
    // In S3 a name is a key; what comes before it is the root's.
    if (root === undefined) return name.replace(/^(\.?\/)+/, '');
    const way = relative(root, await withoutLinks(resolve(name)));
    if (way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way)
      throw new ConfigError(
        expected(`a file below --root ${root}`, name, 'put it there, or name another --root'),
      );
    return way.split(sep).join('/') + (/[\\/]$/.test(name) && way !== '' ? '/' : '');
  }

  /** The local path of a key, where the store is a folder. */
  #pathOf(key: string): string | undefined {
    if (!this.#store.url.startsWith('file:')) return undefined;
    const root = fileURLToPath(this.#store.url);
    return key === '' ? root : join(root, key);
  }
}

/** A path without links as far as it is there. */
async function withoutLinks(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const above = dirname(path);
  return above === path ? path : join(await withoutLinks(above), basename(path));
}
