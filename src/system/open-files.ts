/** The system's limit on open files, where a part of the program cannot be loaded because of it. */
import { closeSync, openSync } from 'node:fs';
import { expected, FileError } from './errors.ts';

/** What loading the program opens at most, with room to spare. */
const NEEDED = 100;

/**
 * What to say of an error while a part of the program was loaded. Node reports a module that it may not open as one that is not there
 * (its look for a package's main file takes every error for 'no such file'), so that the limit itself is asked then.
 * @returns the error itself where the limit on open files is not the reason
 */
export function asTooFewOpenFiles(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (code !== 'EMFILE' && code !== 'ENFILE' && !(isMissing && !mayOpen(NEEDED))) return error;
  const what = `that the program may open ${NEEDED} files`;
  return new FileError(expected(what, 'fewer', 'raise the limit: ulimit -n 1024'), { cause: error });
}

function mayOpen(files: number): boolean {
  const open: number[] = [];
  try {
    while (open.length < files) open.push(openSync(process.execPath, 'r'));
    return true;
  } catch {
    return false;
  } finally {
    open.forEach(closeSync);
  }
}
