/** Patterns for files where no shell expands them: on Windows, or in quotes. */
import { readdir, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { ConfigError, expected } from '../errors.ts';
import { naturalOrder } from './natural-order.ts';

/** Whether a path holds what only patterns do. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * Files that a pattern stands for, in their natural order: `*` and `?` within one part of a path, `[a-z]`, `{jpg,png}`, and `**` for any
 * folders. What begins with a dot is found only by a pattern that does, links to folders are not followed by `**`.
 */
export async function globFiles(pattern: string): Promise<string[]> {
  const slashed = process.platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;
  const found = new Set<string>();
  for (const plain of alternatives(slashed)) {
    const { root } = parse(plain);
    const parts = plain.slice(root.length).split('/').filter(Boolean);
    // Two `**` in a row are one.
    const single = parts.filter((part, i) => part !== '**' || parts[i - 1] !== '**');
    await collect(root, single, { found, seen: new Set() });
  }
  return [...found].sort(naturalOrder);
}

interface Search {
  readonly found: Set<string>;
  /** What has been looked for where: with several `**` many ways lead to one folder. */
  readonly seen: Set<string>;
}

async function collect(folder: string, parts: readonly string[], search: Search): Promise<void> {
  const { found, seen } = search;
  const [part, ...rest] = parts;
  const key = `${parts.length} ${folder}`;
  if (part === undefined || seen.has(key)) return;
  seen.add(key);
  const isLast = rest.length === 0;
  if (part === '**' && isLast) return collect(folder, ['**', '*'], { found, seen: new Set() });
  if (part !== '**' && !isGlob(part)) {
    const path = join(folder, part);
    const there = await stat(path).catch(() => undefined);
    if (isLast && there?.isFile()) found.add(path);
    if (!isLast && there?.isDirectory()) await collect(path, rest, search);
    return;
  }
  if (part === '**') await collect(folder, rest, search);
  const matches = part === '**' ? /^/ : partPattern(part);
  for (const entry of await readdir(folder || '.', { withFileTypes: true }).catch(() => [])) {
    if ((entry.name.startsWith('.') && !part.startsWith('.')) || !matches.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (part === '**') {
      if (entry.isDirectory()) await collect(path, parts, search);
      continue;
    }
    const there = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (isLast && there?.isFile()) found.add(path);
    if (!isLast && there?.isDirectory()) await collect(path, rest, search);
  }
}

/** Patterns that the choices of one may stand for at most: `{a,b}` twenty times would be a million. */
const MOST_ALTERNATIVES = 1000;

/** A pattern for each choice of `{a,b}`, the innermost first. @throws {ConfigError} they are too many. */
function alternatives(pattern: string): string[] {
  let open = [pattern];
  const done: string[] = [];
  while (open.length > 0) {
    open = open.flatMap((each) => {
      const [whole, choices] = /\{([^{}]*,[^{}]*)\}/.exec(each) ?? [];
      if (whole !== undefined && choices !== undefined)
        return choices.split(',').map((choice) => each.replace(whole, () => choice));
      done.push(each);
      return [];
    });
    if (open.length + done.length > MOST_ALTERNATIVES)
      throw new ConfigError(
        expected(`at most ${MOST_ALTERNATIVES} choices in a pattern`, pattern, 'name fewer, or use *'),
      );
  }
  return done;
}

/** One part of a path as an expression; case matters as little as it does to cameras, which write .JPG. */
function partPattern(part: string): RegExp {
  const source = part.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (found, not: string, set: string | undefined) => {
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
    if (found === '*') return '.*';
    if (found === '?') return '.';
    return found.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`, 'isu');
  } catch {
    throw new ConfigError(expected('a pattern with sound ranges, as [a-z]', part));
  }
}
