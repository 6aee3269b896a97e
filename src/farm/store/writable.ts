import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../system/errors.ts';
import { withScratchFolder } from '../../system/scratch-file.ts';
import { OWN } from './key.ts';
import type { Store } from './store.ts';

/**
 * Puts a file and removes it: a worker that cannot write would fail task after task.
 *
 * @throws {FileError} the store does not take it. {ConfigError} a link to elsewhere is in the way.
 */
export async function requireWritable(store: Store): Promise<void> {
  await withScratchFolder(async (scratch) => {
    const [path, key] = [join(scratch, 'probe'), `${OWN}/probe-${randomUUID()}`];
    await writeFile(path, '');
    await store.put(path, key);
    await store.remove(key);
  });
}

/**
 * What is thrown where a job would replace what is in the store, unasked.
 *
 * @param what is there. @param option that names another place. @param more that helps besides --overwrite.
 */
export function existsAlready(what: string, { url }: Store, option: string, more = ''): FileError {
  return new FileError(
    `${what} exists already in ${url}; choose another ${option}, or pass --overwrite${more}.`,
  );
}
