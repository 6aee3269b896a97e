import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FastStyleError, FileError } from './errors.ts';
import { isRunning } from './running-process.ts';

export interface AtomicWriteOptions {
  /** Replace an existing file. Defaults to false: an existing file is an error. */
  readonly overwrite?: boolean;
  /** Safe from a power cut when it is written. Defaults to true; temporary files do without. */
  readonly flush?: boolean;
}

/**
 * Writes a file so that a reader sees either the old file or the whole new one: into a temporary name next to it,
 * flushed, then renamed. Creates missing folders.
 *
 * @throws {FileError} the file exists and `overwrite` is not set, no room is left, or the place cannot be written to.
 */
export async function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  options: AtomicWriteOptions = {},
): Promise<void> {
  await replaceFileAtomically(
    path,
    async (temporary) => {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(content);
        if (options.flush !== false) await file.sync();
      } finally {
        await file.close();
      }
    },
    options,
  );
}

/** As `writeFileAtomically`, for writers that want a path of their own: `write` fills the temporary file, which is there, empty. */
export async function replaceFileAtomically(
  path: string,
  write: (temporaryPath: string) => Promise<void>,
  { overwrite = false, flush = true }: AtomicWriteOptions = {},
): Promise<void> {
  if (!overwrite) await refuseToOverwrite(path);
  const temporary = temporaryBeside(path, `.${process.pid}-${randomBytes(4).toString('hex')}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await sweepOnce(dirname(path));
    // Other programs and libraries do not say why they cannot write.
    await (await open(temporary, 'wx')).close();
    await write(temporary);
    await rename(temporary, path);
    if (flush) await flushFolder(dirname(path));
  } catch (error) {
    // What went wrong first is what the user needs to hear.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asFileError(error, `write ${path}`);
  }
}

/** Bytes that a name may have on the usual file systems. */
const LONGEST_NAME = 255;

/**
 * The path of a file that is next to another for a while: its name with something after it, shortened where that would be too long.
 * Names are measured in bytes: a Chinese letter takes three.
 */
export function temporaryBeside(path: string, ending: string): string {
  return join(dirname(path), withinBytes(basename(path), LONGEST_NAME - ending.length) + ending);
}

/** The beginning of a name, as much as takes at most so many bytes in UTF-8: for names that are put together of others. */
export function withinBytes(name: string, most: number): string {
  let bytes = 0;
  let kept = '';
  for (const letter of name) {
    bytes += Buffer.byteLength(letter);
    if (bytes > most) break;
    kept += letter;
  }
  return kept;
}

const swept = new Set<string>();
const LEFTOVER = /\.(\d+)-[0-9a-f]{8}\.part$/;
/** Age, ms, from which a temporary file without its process is nobody's: its process may run on another machine. */
const ABANDONED = 3600_000;

/** Removes from a folder what killed processes have left there. */
export async function sweepOnce(folder: string): Promise<void> {
  const key = resolve(folder);
  if (swept.has(key)) return;
  swept.add(key);
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(LEFTOVER.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid || isRunning(pid)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Without it, a power cut may undo the renaming. Where folders cannot be flushed (Windows), nothing is lost by trying. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** @throws {FileError} when something exists at `path`: nothing is overwritten unasked. */
export async function refuseToOverwrite(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there) throw new FileError(`${path} exists already; choose another name or pass --overwrite.`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no room is left on the disk; free some and try again',
  EDQUOT: 'your disk quota is used up; free some and try again',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the system cannot read or write there',
  EPIPE: 'nobody reads it any more',
  EFBIG: 'the file would be too large',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is in use',
  EINVAL: 'the system does not allow it there',
  ENXIO: 'nothing answers there',
  ENODEV: 'nothing answers there',
  EEXIST: 'something of that name is in the way',
};

/** Turns a failure of the file system into one line for the user; anything else is returned as it is. */
export function asFileError(error: unknown, action: string): unknown {
  if (error instanceof FastStyleError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason === undefined ? error : new FileError(`Cannot ${action}: ${reason}.`, { cause: error });
}
