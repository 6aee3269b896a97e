/** The styles of a job, fetched from the store and opened. */
import { posix } from 'node:path';
import { parseBlend } from '../../infer/blend.ts';
import { distinctLabel, type OpenedStyle, openBlend, openStyle } from '../../infer/open-style.ts';
import { fetchInto } from './fetch-into.ts';
import type { TaskContext } from './kind.ts';
import { styleInStore } from './stylize-call.ts';

/** Styles as a job names them: keys of files, `:style` for one of several in a file; or a mixture. */
export interface StyleCall {
  readonly style?: string | readonly string[];
  readonly blend?: string | undefined;
}

/** What fetches a style's file, once, and answers the reference with the file's path in place of its key. */
export function styleFetcher(
  context: Pick<TaskContext, 'store' | 'scratch' | 'signal'>,
): (reference: string) => Promise<string> {
  const places = new Map<string, string>();
  return async (reference) => {
    const { key, style } = styleInStore(reference) ?? { key: reference };
    let place = places.get(key);
    if (place === undefined) {
      place = await fetchInto(context, key, `styles/${places.size}/${posix.basename(key)}`);
      places.set(key, place);
    }
    return style === undefined ? place : `${place}:${style}`;
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
    const { checkpoint, label } = await openStyle(await local(one), blend);
    opened.push({ checkpoint, label: distinctLabel(label, opened) });
  }
  return opened;
}
