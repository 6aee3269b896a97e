import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cacheFolder } from '../../src/cache-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A cache with all that the real one has, but for weights: what someone has who has just installed the program. */
export async function freshCache(
  t: TestContext,
): Promise<{ readonly folder: string; readonly cache: string; readonly env: Record<string, string> }> {
  const folder = await temporaryFolder(t);
  const cache = join(folder, 'cache');
  await mkdir(cache);
  for (const name of await readdir(cacheFolder()).catch(() => []))
    if (name !== 'weights') await symlink(join(cacheFolder(), name), join(cache, name));
  return { folder, cache, env: { FAST_STYLE_CACHE: cache } };
}
