import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';

/** Names that are held at a time: a folder of a million photos takes no more memory. */
const MOST = 50_000;

/**
 * Some of a folder's entries by name, by code unit: the system's order is another on every machine. A folder that has more than are held
 * at a time is read several times, each time for the names that come next.
 *
 * @param most entries that are held at a time. Throws as `opendir`.
 */
export async function* entriesByName(
  folder: string,
  isWanted: (entry: Dirent) => boolean,
  most = MOST,
): AsyncGenerator<Dirent, void, void> {
  for (let after = ''; ; ) {
    const { entries, isWhole } = await nextEntries(folder, (one) => one.name > after && isWanted(one), most);
    yield* entries;
    if (isWhole) return;
    after = entries.at(-1)!.name;
  }
}

/** The first entries by name. */
async function nextEntries(folder: string, isWanted: (entry: Dirent) => boolean, most: number) {
  const entries: Dirent[] = [];
  let isWhole = true;
  // No name that comes later is among the first.
  let last: string | undefined;
  const shorten = () => {
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (entries.length <= most) return;
    entries.length = most;
    last = entries.at(-1)!.name;
    isWhole = false;
  };
  for await (const entry of await opendir(folder, { bufferSize: 1024 })) {
    if (!isWanted(entry) || (last !== undefined && entry.name > last)) continue;
    entries.push(entry);
    if (entries.length === 2 * most) shorten();
  }
  shorten();
  return { entries, isWhole };
}
