import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TaskContext } from './kind.ts';

/**
 * Fetches a file of the store into the scratch folder. @param place in it, with slashes. @returns its path. Throws as the store.
 */
export async function fetchInto(
  { store, scratch, signal }: Pick<TaskContext, 'store' | 'scratch' | 'signal'>,
  key: string,
  place: string,
): Promise<string> {
  const path = join(scratch, ...place.split('/'));
  await mkdir(dirname(path), { recursive: true });
  await store.fetch(key, path, signal);
  return path;
}
