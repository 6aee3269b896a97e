/** The studio's own records on disk. Each is one JSON file, replaced by renaming: a process that is killed leaves the old or the new. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '../index.ts';

/**
 * @returns undefined where there is none yet.
 * @throws {FileError} it cannot be read, or is no JSON: nothing is thrown away unasked.
 */
export async function readStored(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(
      `Expected the studio's records in ${path} but received ${(error as Error).message}; move the file away to begin anew.`,
      { cause: error },
    );
  }
}

/** Writes one file; what is written while another write is under way waits for it, and only the newest of several is written. */
export class StoredJson {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();
  #next: (() => unknown) | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @param content is asked for when it is written. @throws {FileError} it cannot be written. */
  write(content: () => unknown): Promise<void> {
    const isQueued = this.#next !== undefined;
    this.#next = content;
    if (isQueued) return this.#writing;
    const write = async () => {
      const newest = this.#next!;
      this.#next = undefined;
      await replaceFile(this.#path, JSON.stringify(newest()));
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

/** Writes a file under another name and renames it. @throws {FileError} it cannot be written. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new FileError(`Cannot write ${path}: ${(error as Error).message}.`, { cause: error });
  }
}
