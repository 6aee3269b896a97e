/**
 * Lock files: one process at a time does something, other processes are refused (`lockOrRefuse`) or wait (`whileLocked`). What a
 * process that is no more has left gives way.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, utimesSync } from 'node:fs';
import { constants, copyFile, link, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asFileError, temporaryBeside } from './atomic-file.ts';
import { expected, FileError } from './errors.ts';
import { isRecord, jsonOrNothing } from './json-text.ts';
import { readPlainText } from './plain-file.ts';
import { isRunning } from './running-process.ts';

const HEARTBEAT_MS = 5_000;
const STALE_AFTER_MS = 60_000;
const POLL_MS = 300;
/** A lock file may be in the middle of being written for so long, where it cannot appear at once. */
const WRITING_MS = 200;
const TRIES = 4;

export interface Lock {
  /** Idempotent. Leaves the lock of whoever has taken it over meanwhile. */
  release(): void;
}

/** The words of a refusal: what was expected (of a place), the place itself, what to do besides waiting. */
export interface Refusal {
  readonly what: string;
  readonly place: string;
  readonly remedy: string;
}

/** Takes the lock file at `path`. @throws {FileError} another process has it: says which. */
export async function lockOrRefuse(path: string, refusal: Refusal): Promise<Lock> {
  const claimed = await claim(path, isLeftBehind);
  if ('holder' in claimed) throw refused(path, claimed.holder, refusal);
  return claimed;
}

/** Says early, and without making anything, what `lockOrRefuse` would say later. @throws {FileError} as `lockOrRefuse`. */
export async function refuseLocked(path: string, refusal: Refusal): Promise<void> {
  const found = await look(path);
  if (found?.holder !== undefined && !isLeftBehind(found)) throw refused(path, found.holder, refusal);
}

/**
 * Runs `work` while no other process holds the lock file at `path`, for which it waits. The holder touches the file every few
 * seconds; a lock that nobody has touched for a minute is taken over, too, whoever has it.
 *
 * @param onWait called once if another process holds the lock. @param staleAfterMs for tests. @param signal ends the wait.
 * @throws {FileError} the file cannot be written. The signal's reason, where it is aborted.
 */
export async function whileLocked<T>(
  path: string,
  work: () => Promise<T>,
  onWait: (holder: LockHolder | undefined) => void = () => {},
  staleAfterMs: number = STALE_AFTER_MS,
  signal?: AbortSignal,
): Promise<T> {
  const isStale = (found: Found) => Date.now() - found.touched > staleAfterMs || isLeftBehind(found);
  let waited = false;
  let lock: Lock | undefined;
  while (lock === undefined) {
    const claimed = await claim(path, isStale).catch((error) => {
      throw asFileError(error, `write ${path}`);
    });
    if ('release' in claimed) lock = claimed;
    else {
      if (!waited) onWait(claimed.holder);
      waited = true;
      await delay(POLL_MS);
      signal?.throwIfAborted();
    }
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    lock.release();
  }
}

/** A lock file as it was found. */
interface Found {
  readonly text: string;
  readonly holder: LockHolder | undefined;
  /** When it was last written or touched, ms. */
  readonly touched: number;
}

const isLeftBehind = ({ holder }: Found) => holder === undefined || !isAtWork(holder);

/** Takes the lock unless somebody has it of whose lock `isLeft` is not true. @returns the lock, or who has it. */
async function claim(
  path: string,
  isLeft: (found: Found) => boolean,
): Promise<Lock | { readonly holder: LockHolder | undefined }> {
  // No two texts are alike, so that a lock is known again.
  const text = JSON.stringify({ ...ownHolder(), id: randomUUID() });
  const own = temporaryBeside(path, `.${randomUUID()}`);
  await mkdir(dirname(path), { recursive: true });
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await look(path);
      if (found !== undefined && !isLeft(found)) return { holder: found.holder };
      if (tries === 0) await writeFile(own, text, { flag: 'wx' });
      if (found !== undefined) await clear(path, own, isLeft);
      if (await place(own, path)) return { release: () => release(path, text) };
    }
    return { holder: undefined };
  } finally {
    await rm(own, { force: true });
  }
}

async function look(path: string): Promise<Found | undefined> {
  for (let tries = 0; ; tries++) {
    const text = await readPlainText(path).catch(() => undefined);
    const { mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
    if (text === undefined || mtimeMs === undefined) return undefined;
    const holder = parseHolder(text);
    if (holder !== undefined || tries === 1) return { text, holder, touched: mtimeMs };
    await delay(WRITING_MS);
  }
}

/** Where a file system has no links (exFAT, some networks' drives). */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']);

/** Puts a file in a place that is empty. A link appears whole or not at all: nobody reads a lock that is half written. */
async function place(own: string, path: string): Promise<boolean> {
  const codeOf = (error: NodeJS.ErrnoException) => error.code ?? '';
  const failed = await link(own, path).then(() => undefined, codeOf);
  if (failed === undefined) return true;
  if (failed === 'EEXIST') return false;
  if (!NO_LINKS.has(failed)) await link(own, path);
  try {
    await copyFile(own, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error as NodeJS.ErrnoException) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes an abandoned lock. Only one process at a time looks and removes, so that nobody's fresh lock is removed. */
async function clear(path: string, own: string, isLeft: (found: Found) => boolean): Promise<void> {
  const guard = temporaryBeside(path, '.breaking');
  if (!(await place(own, guard))) {
    const other = await look(guard);
    if (other !== undefined && isLeftBehind(other)) await rm(guard, { force: true });
    await delay(WRITING_MS / 4);
    return;
  }
  try {
    const found = await look(path);
    if (found !== undefined && isLeft(found)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function release(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true });
  } catch {
    // Removed by hand, or with its folder.
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Removed by hand: the work continues.
  }
}

function refused(
  path: string,
  holder: LockHolder | undefined,
  { what, place: where, remedy }: Refusal,
): FileError {
  const who =
    holder === undefined ? 'others come and go' : `process ${holder.pid} on ${holder.host} is using it`;
  return new FileError(
    expected(
      what,
      `${where}, where ${who}`,
      `wait for it, ${remedy}, or remove ${path} if there is no such process`,
    ),
  );
}

interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** When the system started that process (/proc), as numbers of processes are used again; absent if unknown. */
  readonly started?: string | undefined;
}

/** This process. */
export function ownHolder(): LockHolder {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid) };
}

/** Reads what a lock file says; undefined where it says nothing that can be understood. */
export function parseHolder(text: string): LockHolder | undefined {
  const holder = jsonOrNothing(text);
  if (!isRecord(holder)) return undefined;
  const { host, pid, started }: Partial<Record<keyof LockHolder, unknown>> = holder;
  if (typeof host !== 'string' || !Number.isInteger(pid)) return undefined;
  return { host, pid: pid as number, started: typeof started === 'string' ? started : undefined };
}

/** A holder of another host (a shared folder) is believed. */
function isAtWork({ host, pid, started }: LockHolder): boolean {
  if (host !== hostname()) return true;
  if (!isRunning(pid)) return false;
  const now = startOf(pid);
  return started === undefined || now === undefined || started === now;
}

/** Field 22 of /proc/<pid>/stat: ticks since boot. The name before it may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
