/** The styles of a job, fetched from the store and opened. */
import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { parseBlend } from '../../infer/blend.ts';
import { type OpenedStyle, openBlend, openStyle } from '../../infer/open-style.ts';
import type { TaskContext } from './kind.ts';

/** Styles as a job names them: keys of files, `:style` for one of several in a file; or a mixture. */
export interface StyleCall {
  readonly style?: string | readonly string[];
  readonly blend?: string;
}

/** What fetches a style's file, once, and answers the reference with the file's path in place of its key. */
export function styleFetcher({
  store,
  scratch,
  signal,
}: Pick<TaskContext, 'store' | 'scratch' | 'signal'>): (reference: string) => Promise<string> {
  const places = new Map<string, string>();
  return async (reference) => {
    const [, key = reference, name] = /^(.*\.safetensors)(?::(.+))?$/s.exec(reference) ?? [];
    let place = places.get(key);
    if (place === undefined) {
      const folder = join(scratch, 'styles', String(places.size));
      await mkdir(folder, { recursive: true });
      place = join(folder, posix.basename(key));
      places.set(key, place);
      await store.fetch(key, place, signal);
    }
    return name === undefined ? place : `${place}:${name}`;
  };
}

/**
 * @returns each with its name as it is in files' names; of two of one name, the second has a number. Throws as `openStyle` and the store.
 */
export async function fetchStyles(
  { style, blend }: StyleCall,
  context: Pick<TaskContext, 'store' | 'scratch' | 'signal'>,
): Promise<readonly OpenedStyle[]> {
  const local = styleFetcher(context);
  const named = [style ?? []].flat();
  if (named.length === 0 && blend !== undefined) {
    const parts = [];
    for (const part of parseBlend(blend)) parts.push({ ...part, style: await local(part.style) });
    return [await openBlend(parts)];
  }
  const opened: OpenedStyle[] = [];
  for (const one of named) {
    const { checkpoint, label: plain } = await openStyle(await local(one), blend);
    let label = plain;
    for (let number = 2; opened.some((other) => other.label === label); number++)
      label = `${plain}-${number}`;
    opened.push({ checkpoint, label });
  }
  return opened;
}
