/** Who holds a lock file, and whether that process is still there. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRecord, jsonOrNothing } from './json-text.ts';
import { isRunning } from './running-process.ts';

export interface LockHolder {
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
export function isAtWork({ host, pid, started }: LockHolder): boolean {
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
