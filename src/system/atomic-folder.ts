import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import {
  type AtomicWriteOptions,
  asFileError,
  flushFolder,
  refuseToOverwrite,
  sweepOnce,
  temporaryBeside,
} from './atomic-file.ts';
import { expected, FileError } from './errors.ts';

/**
 * Writes a folder so that a reader sees either the old one or the whole new one: under a temporary name next to it, then
 * renamed. Creates missing folders. With `overwrite`, a folder is replaced that holds nothing but files of such names, numbers
 * in them aside.
 *
 * @param files bytes by their paths in the folder, with slashes.
 * @throws {FileError} the folder exists and `overwrite` is not set, it holds something else, no room is left, or the place cannot
 *   be written to.
 */
export async function writeFolderAtomically(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  { overwrite = false }: AtomicWriteOptions = {},
): Promise<void> {
  if (!overwrite) await refuseToOverwrite(path);
  const own = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const temporary = temporaryBeside(path, `.${own}.part`);
  const old = temporaryBeside(path, `.old.${own}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await sweepOnce(dirname(path));
    const isThere = await requireReplaceable(path, files);
    await mkdir(temporary);
    for (const [name, bytes] of files) await writeWhole(join(temporary, name), bytes);
    if (isThere) await rename(path, old);
    try {
      await rename(temporary, path);
    } catch (error) {
      if (isThere) await rename(old, path);
      throw error;
    }
    await flushFolder(dirname(path));
    await rm(old, { recursive: true, force: true });
  } catch (error) {
    // What went wrong first is what the user needs to hear.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw asFileError(error, `write ${path}`);
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns whether there is something. @throws {FileError} what is there is not to be lost. */
async function requireReplaceable(path: string, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return false;
  const withoutNumbers = (name: string) => name.replace(/\d+/g, '0');
  const known = new Set([...files.keys()].map(withoutNumbers));
  const stranger = there.isDirectory()
    ? (await readdir(path, { recursive: true, withFileTypes: true }))
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(path, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
        .find((name) => !known.has(withoutNumbers(name)))
    : 'a file';
  if (stranger === undefined) return true;
  throw new FileError(
    expected(`a folder at ${path} that holds an earlier export alone`, stranger, 'choose another name'),
  );
}
