import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asFileError } from '../../atomic-file.ts';
import { isRunning } from '../../running-process.ts';

const HEARTBEAT_MS = 5_000;
const STALE_AFTER_MS = 60_000;
const POLL_MS = 300;

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/**
 * Runs `work` while no other process holds the lock file at `path`. The holder touches the file every few seconds; a
 * lock whose process is gone, or that nobody has touched for a minute, is taken over.
 *
 * @param onWait told once if another process holds the lock.
 * @param staleAfterMs for tests.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait: (holder: Holder | undefined) => void = () => {},
  staleAfterMs: number = STALE_AFTER_MS,
): Promise<T> {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw asFileError(error, `write to ${dirname(path)}`);
  }
  let waited = false;
  while (!take(path)) {
    if (isStale(path, staleAfterMs)) {
      breakStale(path, staleAfterMs);
      continue;
    }
    if (!waited) onWait(readHolder(path));
    waited = true;
    await delay(POLL_MS);
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(path, { force: true });
  }
}

/** Creates the file, or answers false if it is there. */
function take(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw asFileError(error, `write ${path}`);
  }
}

function isStale(path: string, staleAfterMs: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  if (!there) return false;
  if (Date.now() - there.mtimeMs > staleAfterMs) return true;
  const holder = readHolder(path);
  return holder !== undefined && holder.host === hostname() && !isRunning(holder.pid);
}

/** Removes a stale lock. Only one process at a time looks and removes, so that nobody's fresh lock is removed. */
function breakStale(path: string, staleAfterMs: number): void {
  const guard = `${path}.breaking`;
  if (!take(guard)) {
    if (isStale(guard, staleAfterMs)) rmSync(guard, { force: true });
    return;
  }
  try {
    if (isStale(path, staleAfterMs)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined; // gone in this moment, or not yet written
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Removed by hand: set-up goes on, its stages guard themselves.
  }
}
