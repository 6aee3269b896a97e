import { appendFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError } from '../../system/atomic-file.ts';
import { readPlainText } from '../../system/plain-file.ts';
import { LOG } from './run-folder.ts';

/** Adds a line to the log of a run. @throws {FileError} it cannot be written. */
export async function appendToLog(folder: string, line: Readonly<Record<string, unknown>>): Promise<void> {
  await appendFile(join(folder, LOG), `${JSON.stringify(line)}\n`).catch((error: unknown) => {
    throw asFileError(error, `write to the log in ${folder}`);
  });
}

/** The log's text; none where there is no log yet. @throws {FileError} it cannot be read. */
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
