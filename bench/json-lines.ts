import { existsSync, readFileSync } from 'node:fs';

/** What a bench has appended to its results so far, an object per line; nothing if there is no such file. */
export function jsonLines<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}
