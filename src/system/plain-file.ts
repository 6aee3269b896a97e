import { constants, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { expected, FileError } from './errors.ts';

/** What readers of a whole file take at most: Node gives no more than 2 GiB at once. */
const MOST_BYTES = 2 ** 31 - 1;
/** The same of text, which is held a second time as such. */
const MOST_TEXT = 2 ** 28;

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
export async function readPlainFile(path: string, most = MOST_BYTES): Promise<Buffer> {
  const file = await openPlainFile(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw tooLarge(path, size, most);
    return await readLength(file, size);
  } finally {
    await file.close();
  }
}

/** Reads a file of text in UTF-8. Throws as `readPlainFile`. */
export async function readPlainText(path: string): Promise<string> {
  return (await readPlainFile(path, MOST_TEXT)).toString('utf8');
}

/** As `readPlainFile`, at once, of a file that has been opened as a plain one before. */
export function readPlainFileNow(path: string): Uint8Array {
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw tooLarge(path, size, MOST_BYTES);
  return readFileSync(path);
}

function tooLarge(path: string, size: number, most: number): FileError {
  return new FileError(expected(`at most ${most} bytes in ${path}`, `${size}`, 'name another file'));
}

/**
 * As many bytes as the file said that it has, or fewer where it has become shorter. Not what comes until its end: one that is being
 * written to, or that the kernel makes up (/proc/self/pagemap, of length 0), may have none.
 */
async function readLength(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(bytes, done, size - done, done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}
