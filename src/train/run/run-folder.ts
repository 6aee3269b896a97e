/** What is in a run's folder, and under which names. */

import { rmdirSync } from 'node:fs';
import { appendFile, readdir, rm, stat, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asFileError } from '../../system/atomic-file.ts';
import { type Lock, lockOrRefuse, type Refusal, refuseLocked } from '../../system/lock-file.ts';
import { readPlainText } from '../../system/plain-file.ts';
import { isRunning } from '../../system/running-process.ts';

const STATE = /^state-\d{9}\.safetensors$/;
/** What a process that was killed while it wrote has left (src/atomic-file.ts). */
const PART = /\.(\d+)-[0-9a-f]{8}\.part$/;
/** How many states are kept by default: the newest, and one to fall back on. */
export const KEPT_STATES = 2;
/** The run's log in its folder: a JSON object per line. */
export const LOG = 'log.jsonl';
/** What a report says of the run besides log and previews. */
export const DESCRIPTION = 'run.json';
/** The page to look at during the run. */
export const REPORT = 'report.html';
/** The folder of TensorBoard's event files in the run's folder. */
export const TENSORBOARD = 'tensorboard';
const EVENT_FILE = /^events\.out\.tfevents\.\d+\.fast-style\.\d+$/;
/** The folder of previews in the run's folder. */
export const PREVIEWS = 'previews';
/** A preview's photo and step. */
export const PREVIEW_FILE = /^(.+)-(\d{6,})\.jpg$/;

/** Name of the preview that shows `photo` after a step. */
export function previewFile(photo: string, step: number): string {
  return join(PREVIEWS, `${photo}-${String(step).padStart(6, '0')}.jpg`);
}

/** Name of an event file: TensorBoard reads them in the order of their names. */
export function eventFile(seconds: number, index: number): string {
  return join(TENSORBOARD, `events.out.tfevents.${seconds}.fast-style.${String(index).padStart(4, '0')}`);
}

/** Names of the run's event files, in TensorBoard's order. */
export async function eventFiles(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, TENSORBOARD)).catch(() => []);
  return names
    .filter((name) => EVENT_FILE.test(name))
    .sort()
    .map((name) => join(TENSORBOARD, name));
}

/** Name of the state after a step. */
export function stateFile(step: number): string {
  return `state-${String(step).padStart(9, '0')}.safetensors`;
}

/** Names of the folder's states, in the order of their steps. */
export async function stateFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => STATE.test(name)).sort();
}

/**
 * Removes what an earlier run has left in its folder: states, log, report and previews. Everything else stays: the
 * folder is the user's choice.
 *
 * @throws {FileError} a file cannot be removed.
 */
export async function removeRun(folder: string): Promise<void> {
  const previews = join(folder, PREVIEWS);
  const pictures = (await readdir(previews).catch(() => [])).filter((name) => PREVIEW_FILE.test(name));
  const files = [
    ...(await stateFiles(folder)).map((name) => join(folder, name)),
    ...[LOG, DESCRIPTION, REPORT, ...(await eventFiles(folder))].map((name) => join(folder, name)),
    ...pictures.map((name) => join(previews, name)),
  ];
  for (const file of files) {
    await rm(file, { force: true }).catch((error: unknown) => {
      throw asFileError(error, `remove ${file}`);
    });
  }
}

/** Removes half-written states and checkpoints of processes that are no more. */
export async function removeLeftovers(runFolder: string, checkpointPath: string): Promise<void> {
  const half = async (folder: string, isOurs: (name: string) => boolean) => {
    const names = await readdir(folder).catch(() => []);
    const dead = names.filter((name) => {
      const pid = Number(PART.exec(name)?.[1] ?? Number.NaN);
      return isOurs(name.replace(PART, '')) && pid > 0 && !isRunning(pid);
    });
    // They take room and nothing else: one that cannot be removed stays.
    await Promise.all(dead.map((name) => rm(join(folder, name), { force: true }).catch(() => undefined)));
  };
  await half(runFolder, (name) => STATE.test(name) || name === DESCRIPTION || name === REPORT);
  await half(dirname(checkpointPath), (name) => name === basename(checkpointPath));
}

const LOCK = 'run.lock';

const refusal = (folder: string): Refusal => ({
  what: "a run's folder that no other process works in",
  place: folder,
  remedy: 'choose another --run',
});

/**
 * Claims a run's folder for this process; makes it if need be. What a process that is no more has left gives way. Releasing leaves
 * no empty folder.
 *
 * @throws {FileError} another process is at work there, or the folder cannot be written to.
 */
export async function lockRun(folder: string): Promise<Lock> {
  const lock = await lockOrRefuse(join(folder, LOCK), refusal(folder)).catch((error) => {
    throw asFileError(error, `work in the folder ${folder}`);
  });
  return {
    release() {
      lock.release();
      try {
        rmdirSync(folder);
      } catch {
        // It is not empty, as it should be.
      }
    },
  };
}

/** Says early, and without making anything, what `lockRun` would say later. @throws {FileError} as `lockRun`. */
export async function refuseLockedRun(folder: string): Promise<void> {
  await refuseLocked(join(folder, LOCK), refusal(folder));
}

/** Adds a line to the log of a run. @throws {FileError} it cannot be written. */
export async function appendToLog(folder: string, line: Readonly<Record<string, unknown>>): Promise<void> {
  await appendFile(join(folder, LOG), `${JSON.stringify(line)}\n`).catch((error: unknown) => {
    throw asFileError(error, `write to the log in ${folder}`);
  });
}

/** The log's text; empty before there is a log. @throws {FileError} it cannot be read. */
export async function readLogText(folder: string): Promise<string> {
  return readPlainText(join(folder, LOG)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw asFileError(error, `read the log in ${folder}`);
  });
}

/** Length of the log in bytes; 0 if there is none. */
export async function logLength(folder: string): Promise<number> {
  return stat(join(folder, LOG)).then(
    ({ size }) => size,
    () => 0,
  );
}

/**
 * Cuts the log back to what it was when a state was saved: lines of steps that will be done again, and one that was
 * half written, go.
 */
export async function rewindLog(folder: string, length: number): Promise<void> {
  if ((await logLength(folder)) <= length) return;
  await truncate(join(folder, LOG), length).catch((error: unknown) => {
    throw asFileError(error, `write to the log in ${folder}`);
  });
}

/** How many previews are due after one step and up to another: one at every `every` steps, none with 0. */
export function previewsBetween(from: number, to: number, every: number): number {
  return every === 0 ? 0 : Math.floor(to / every) - Math.floor(from / every);
}
