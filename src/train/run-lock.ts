/** One process at a time works in a run's folder: two would remove each other's states. */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmdirSync, rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asFileError } from '../atomic-file.ts';
import { expected, FileError } from '../errors.ts';
import { isRunning } from '../running-process.ts';

const LOCK = 'run.lock';

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the system started that process (/proc), as numbers of processes are used again; absent where it cannot be told. */
  readonly started?: string | undefined;
}

export interface RunLock {
  /** Idempotent; leaves no empty folder. */
  release(): void;
}

/**
 * Claims a run's folder for this process; makes it if need be. What a process that is no more has left gives way.
 *
 * @throws {FileError} another process is at work there, or the folder cannot be written to.
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, LOCK);
  const own = join(folder, `${LOCK}.${randomUUID()}`);
  const holder: Holder = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(own, JSON.stringify(holder), { flag: 'wx' });
    try {
      await claim(own, path, folder);
    } finally {
      await rm(own, { force: true });
    }
  } catch (error) {
    throw asFileError(error, `work in the folder ${folder}`);
  }
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      rmSync(path, { force: true });
      try {
        rmdirSync(folder);
      } catch {
        // Something lies in it, as it should.
      }
    },
  };
}

/** Says early, and without making anything, what `lockRun` would say later. @throws {FileError} as `lockRun`. */
export async function refuseLockedRun(folder: string): Promise<void> {
  const text = await readFile(join(folder, LOCK), 'utf8').catch(() => undefined);
  const holder = text === undefined ? undefined : parse(text);
  if (holder !== undefined && isAtWork(holder)) throw inUse(folder, holder);
}

function inUse(folder: string, holder: Holder | undefined): FileError {
  const who =
    holder === undefined ? 'others come and go' : `process ${holder.pid} on ${holder.host} is at work`;
  return new FileError(
    expected(
      "a run's folder that no other process works in",
      `${folder}, where ${who}`,
      `wait for it, choose another --run, or remove ${join(folder, LOCK)} if no such process is left`,
    ),
  );
}

/** A link appears whole or not at all, and only once: nobody reads a lock that is half written. */
async function claim(own: string, path: string, folder: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const taken = await link(own, path).then(
      () => false,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return true;
        throw error;
      },
    );
    if (!taken) return;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    const holder = text === undefined ? undefined : parse(text);
    if (tries === 3 || (holder !== undefined && isAtWork(holder))) throw inUse(folder, holder);
    // Out of the way under a name of our own, so that of two who find a dead lock only one takes it; and back, if
    // somebody has been quicker and it is theirs by now.
    const moved = `${own}.moved`;
    await rename(path, moved).catch(() => undefined);
    const movedText = await readFile(moved, 'utf8').catch(() => text);
    if (movedText !== text) await link(moved, path).catch(() => undefined);
    await rm(moved, { force: true });
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { host, pid, started } = JSON.parse(text) as Partial<Holder>;
    return typeof host === 'string' && Number.isInteger(pid) ? { host, pid: pid!, started } : undefined;
  } catch {
    return undefined;
  }
}

/** A lock of another host (a shared folder) is believed. */
function isAtWork({ host, pid, started }: Holder): boolean {
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
