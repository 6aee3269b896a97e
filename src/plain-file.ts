import { constants, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { expected, FileError } from './errors.ts';

/** What readers of a whole file take at most: Node gives no more than 2 GiB at once. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Opens a file for reading, and nothing that merely looks like one: a pipe that nobody writes to would wait for ever, a device
 * such as /dev/zero never ends. Links are followed.
 *
 * @throws {FileError} it is a pipe, a device or a socket. The system's own errors as they are.
 */
export async function openPlainFile(path: string, remedy = 'copy it to a file'): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await file.stat();
    if (info.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    if (!info.isFile()) {
      throw new FileError(expected('a file', `${path}, which is a pipe or a device`, remedy));
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a file whole. @throws {FileError} it is no plain file, or too large. The system's own errors as they are. */
export async function readPlainFile(path: string): Promise<Buffer> {
  const file = await openPlainFile(path);
  try {
    const { size } = await file.stat();
    if (size > MOST_BYTES) throw tooLarge(path, size);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** As `readPlainFile`, at once, of a file that has been opened as a plain one before. */
export function readPlainFileNow(path: string): Uint8Array {
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw tooLarge(path, size);
  return readFileSync(path);
}

function tooLarge(path: string, size: number): FileError {
  return new FileError(expected(`at most ${MOST_BYTES} bytes in ${path}`, `${size}`, 'name another file'));
}
