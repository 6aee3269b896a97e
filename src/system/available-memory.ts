import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** Names of a control group's limit and use, in version 2 of Linux's control groups and in version 1. */
const VERSION_2 = {
  folder: '',
  limit: 'memory.max',
  used: 'memory.current',
  cache: /^inactive_file (\d+)$/m,
} as const;
const VERSION_1 = {
  folder: 'memory',
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cache: /^total_inactive_file (\d+)$/m,
} as const;

/**
 * Bytes of memory that this process could still get: what the machine has left, or what its container does if that is
 * less. Node's `process.availableMemory()` counts a container's file cache as used, though it gives way at need.
 *
 * @param root where `/proc` and `/sys` are looked for.
 */
export function availableMemory(root = '/'): number {
  const text = (path: string) => read(posix.join(root, path));
  const free = numberIn(/^MemAvailable:\s+(\d+) kB/m, text('proc/meminfo'));
  const ofMachine = free === undefined ? process.availableMemory() : free * 1024;
  const ofGroups = groupsOf(text('proc/self/cgroup') ?? '').flatMap(({ version, path }) => {
    const at = (name: string) => text(posix.join('sys/fs/cgroup', version.folder, path, name));
    const limit = numberIn(/^(\d+)\s*$/, at(version.limit)); // 'max' is no limit
    const used = numberIn(/^(\d+)\s*$/, at(version.used));
    if (limit === undefined || used === undefined) return [];
    return [Math.max(0, limit - used + (numberIn(version.cache, at('memory.stat')) ?? 0))];
  });
  return Math.min(ofMachine, ...ofGroups);
}

/** The control groups of a process, each with those around it: every one has limits of its own. */
function groupsOf(text: string): { version: typeof VERSION_1 | typeof VERSION_2; path: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, own] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (own === undefined || (controllers !== '' && !controllers?.split(',').includes('memory'))) return [];
    const version = controllers === '' ? VERSION_2 : VERSION_1;
    const paths = ['/'];
    for (let path = own; path !== '/'; path = posix.dirname(path)) paths.push(path);
    return paths.map((path) => ({ version, path }));
  });
}

function numberIn(pattern: RegExp, text: string | undefined): number | undefined {
  const found = text === undefined ? undefined : pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
