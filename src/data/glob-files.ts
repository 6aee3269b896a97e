/** Patterns for files where no shell expands them: on Windows, or in quotes. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { ConfigError, expected, FileError } from '../system/errors.ts';
import { unreadableFolder } from './photo-files.ts';

/** Whether a path holds what only patterns do. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * Files that a pattern stands for, in their natural order: `*` and `?` within one part of a path, `[a-z]`, `{jpg,png}`, and `**` for any
 * folders. What begins with a dot is found only by a pattern that does, links to folders are not followed by `**`.
 *
 * @param onUnreadable takes a line for each folder on the way that cannot be read, and is skipped.
 */
export async function globFiles(
  pattern: string,
  onUnreadable: (line: string) => void = () => {},
): Promise<string[]> {
  const slashed = process.platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;
  const found = new Set<string>();
  // Several ways lead to one folder.
  const reported = new Set<string>();
  const reportOnce = (line: string) => {
    if (!reported.has(line)) onUnreadable(line);
    reported.add(line);
  };
  for (const plain of alternatives(slashed)) {
    const { root } = parse(plain);
    const parts = plain.slice(root.length).split('/').filter(Boolean);
    // Two `**` in a row are one.
    const single = parts.filter((part, i) => part !== '**' || parts[i - 1] !== '**');
    await collect(root, single, { found, seen: new Set(), onUnreadable: reportOnce });
  }
  return [...found].sort(naturalOrder);
}

interface Search {
  readonly found: Set<string>;
  /** What has been looked for where: with several `**` many ways lead to one folder. */
  readonly seen: Set<string>;
  readonly onUnreadable: (line: string) => void;
}

async function collect(folder: string, parts: readonly string[], search: Search): Promise<void> {
  const { found, seen, onUnreadable } = search;
  const [part, ...rest] = parts;
  const key = `${parts.length} ${folder}`;
  if (part === undefined || seen.has(key)) return;
  seen.add(key);
  const isLast = rest.length === 0;
  if (part === '**' && isLast) return collect(folder, ['**', '*'], { ...search, seen: new Set() });
  if (part !== '**' && !isGlob(part)) {
    const path = join(folder, part);
    const there = await stat(path).catch(() => undefined);
    if (isLast && there?.isFile()) found.add(path);
    if (!isLast && there?.isDirectory()) await collect(path, rest, search);
    return;
  }
  if (part === '**') await collect(folder, rest, search);
  const matches = part === '**' ? /^/ : partPattern(part);
  for (const entry of await entriesOf(folder || '.', onUnreadable)) {
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

/** What is not there, or no folder, holds nothing. */
async function entriesOf(folder: string, onUnreadable: (line: string) => void): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
      const failure = asFileError(error, `read the folder ${folder}`);
      if (!(failure instanceof FileError)) throw failure;
      onUnreadable(unreadableFolder(failure));
    }
    return [];
  });
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

/**
 * Names in the order in which people count: `f_2.png` before `f_10.png`. What is no number goes by code unit, so that every machine
 * has the same order. For `sort`.
 */
export function naturalOrder(a: string, b: string): number {
  const [first, second] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(first.length, second.length); i++) {
    const [one, other] = [first[i]!, second[i]!];
    const difference = isNumber(one) && isNumber(other) ? byValue(one, other) : byCode(one, other);
    if (difference !== 0) return difference;
  }
  // Of one value `01` comes before `1`, as by code.
  return first.length - second.length || byCode(a, b);
}

const parts = (name: string): string[] => name.match(/\d+|\D+/g) ?? [];
const isNumber = (part: string): boolean => /^\d/.test(part);
const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of any number of digits. */
function byValue(a: string, b: string): number {
  const [one, other] = [a, b].map((digits) => digits.replace(/^0+(?=\d)/, '')) as [string, string];
  return one.length - other.length || byCode(one, other);
}
