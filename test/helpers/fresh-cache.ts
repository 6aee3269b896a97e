import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../src/system/cache-folder.ts';

/** A cache in `folder` with all that the real one has, but for weights. Answers the variables that name it. */
export async function freshCache(folder: string): Promise<Record<'FAST_STYLE_CACHE', string>> {
  const cache = join(folder, 'cache');
  await mkdir(cache);
  for (const name of await readdir(cacheFolder()).catch(() => []))
    if (name !== 'weights') await symlink(join(cacheFolder(), name), join(cache, name));
  return { FAST_STYLE_CACHE: cache };
}
