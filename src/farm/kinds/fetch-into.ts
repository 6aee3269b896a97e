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

/**
 * A file of the store to be read: where it is, if this machine sees it, else fetched as by `fetchInto`. What is read in place is the
 * store's: not to be removed.
 */
export async function readablePath(
  context: Pick<TaskContext, 'store' | 'scratch' | 'signal'>,
  key: string,
  place: string,
): Promise<{ readonly path: string; readonly isInPlace: boolean }> {
  const path = await context.store.path(key);
  if (path !== undefined) return { path, isInPlace: true };
  return { path: await fetchInto(context, key, place), isInPlace: false };
}
