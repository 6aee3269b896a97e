/** Patterns for files where no shell expands them: on Windows, or in quotes. */
import { readdir, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';

/** Whether a path holds what only patterns do. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * Files that a pattern stands for, by name: `*` and `?` within one part of a path, `[a-z]`, `{jpg,png}`, and `**` for any
 * folders. What begins with a dot is found only by a pattern that does, links to folders are not followed by `**`.
 */
export async function globFiles(pattern: string): Promise<string[]> {
  const slashed = process.platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;
  const found = new Set<string>();
  for (const plain of alternatives(slashed)) {
    const { root } = parse(plain);
    const parts = plain.slice(root.length).split('/').filter(Boolean);
    await collect(root, parts, found);
  }
  return [...found].sort();
}

async function collect(folder: string, parts: readonly string[], found: Set<string>): Promise<void> {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const isLast = rest.length === 0;
  if (part === '**' && isLast) return collect(folder, ['**', '*'], found);
  if (part !== '**' && !isGlob(part)) {
    const path = join(folder, part);
    const there = await stat(path).catch(() => undefined);
    if (isLast && there?.isFile()) found.add(path);
    if (!isLast && there?.isDirectory()) await collect(path, rest, found);
    return;
  }
  if (part === '**') await collect(folder, rest, found);
  const matches = part === '**' ? /^/ : partPattern(part);
  for (const entry of await readdir(folder || '.', { withFileTypes: true }).catch(() => [])) {
    if ((entry.name.startsWith('.') && !part.startsWith('.')) || !matches.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (part === '**') {
      if (entry.isDirectory()) await collect(path, parts, found);
      continue;
    }
    const there = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (isLast && there?.isFile()) found.add(path);
    if (!isLast && there?.isDirectory()) await collect(path, rest, found);
  }
}

/** A pattern for each choice of `{a,b}`, the outermost first. */
function alternatives(pattern: string): string[] {
  const [whole, choices] = /\{([^{}]*,[^{}]*)\}/.exec(pattern) ?? [];
  if (whole === undefined || choices === undefined) return [pattern];
  return choices.split(',').flatMap((choice) => alternatives(pattern.replace(whole, () => choice)));
}

/** One part of a path as an expression; case matters as little as it does to cameras, which write .JPG. */
function partPattern(part: string): RegExp {
  const source = part.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (found, not: string, set: string | undefined) => {
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
    if (found === '*') return '.*';
    if (found === '?') return '.';
    return found.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'isu');
}
