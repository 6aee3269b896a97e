/**
 * The mark of a farm's root: a file with a number drawn when the first job was submitted there. Jobs are done where they find the mark
 * that they were submitted by: an empty folder, because its volume is not mounted, looks like one whose photos have gone.
 */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../system/errors.ts';
import { withScratchFolder } from '../../system/scratch-file.ts';
import { OWN } from './key.ts';
import type { Store } from './store.ts';

/** Key of the mark. */
export const MARK = `${OWN}/root`;

/** The mark of a store; undefined where it has none. Throws as the store. */
export async function readMark(store: Store): Promise<string | undefined> {
  if ((await store.find(MARK)) === undefined) return undefined;
  return withScratchFolder(async (scratch) => {
    const path = join(scratch, 'mark');
    await store.fetch(MARK, path);
    const mark = (await readFile(path, 'utf8')).trim();
    return /^[0-9a-f-]{36}$/.test(mark) ? mark : undefined;
  });
}

/**
 * The mark of a store, which is made where there is none.
 *
 * @param agree on a new mark: answers the one to use of those that are drawn at the same time. Throws as the store.
 */
export async function requireMark(store: Store, agree: (drawn: string) => Promise<string>): Promise<string> {
  const found = await readMark(store);
  if (found !== undefined) return found;
  const mark = await agree(randomUUID());
  await withScratchFolder(async (scratch) => {
    const path = join(scratch, 'mark');
    await writeFile(path, `${mark}\n`);
    await store.put(path, MARK);
  });
  return mark;
}

/** What a worker asks of its root before it takes a task. */
export class WatchedRoot {
  readonly #store: Store;
  #known: { readonly version: string; readonly mark: string | undefined } | undefined;

  /** @param store stays the caller's. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Why no task can be done, in a line; undefined where there is a mark. @param job whose mark it has to be, if any. */
  async lack(job?: string): Promise<string | undefined> {
    const { url } = this.#store;
    try {
      const mark = await this.#mark();
      if (mark === undefined)
        return `${url} has no ${MARK}: its volume is not mounted, or no job has been submitted with it yet.`;
      if (job === undefined || mark === job) return undefined;
      return `${url} is not the root that the job was submitted with: mount that one (its ${MARK} is ${job}).`;
    } catch (error) {
      if (error instanceof FileError) return error.message;
      throw error;
    }
  }

  async #mark(): Promise<string | undefined> {
    const found = await this.#store.find(MARK);
    if (found === undefined) return undefined;
    if (this.#known?.version !== found.version)
      this.#known = { version: found.version, mark: await readMark(this.#store) };
    return this.#known.mark;
  }
}
