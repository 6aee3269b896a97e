import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../../system/scratch-file.ts';
import { OWN } from './key.ts';
import type { Store } from './store.ts';

/**
 * Puts a file and removes it: a worker that cannot write would fail task after task.
 *
 * @throws {FileError} the store does not take it. {ConfigError} a link to elsewhere is in the way.
 */
export async function requireWritable(store: Store): Promise<void> {
  const scratch = await mkdtemp(join(scratchFolder(), 'fast-style-'));
  try {
    const [path, key] = [join(scratch, 'probe'), `${OWN}/probe-${randomUUID()}`];
    await writeFile(path, '');
    await store.put(path, key);
    await store.remove(key);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
