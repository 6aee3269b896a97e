/** The photos that a command line means: files, folders, patterns. */
import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { globFiles, isGlob } from '../../data/glob-files.ts';
import { STANDARD } from '../../data/photo/source.ts';
import { isPhotoName, photosBelow } from '../../data/photo-files.ts';
import { ConfigError, expected } from '../../system/errors.ts';

export interface PhotoInput {
  /** `-` is standard input. */
  readonly path: string;
  /** Place within the folder to write to, with the photo's own extension. */
  readonly name: string;
  /** Found in a folder or by a pattern; else named by the user. */
  readonly found: boolean;
}

/**
 * Photos in the order named, each once. Folders stand for all photos in them and in their folders, which keep their places; of
 * several folders each keeps its own name, too. Hidden files and what lies in the folder written to are left out.
 *
 * @param out as given to --out. @param say takes a line for each folder in them that cannot be read, and is passed over. @throws {ConfigError} a folder or pattern without photos, or standard input twice. {FileError} a folder that cannot be read.
 */
export async function findInputs(
  photos: readonly string[],
  out: string,
  say: (line: string) => void = () => {},
): Promise<readonly PhotoInput[]> {
  const piped = photos.filter((path) => path === STANDARD).length;
  if (piped > 1) throw new ConfigError(expected('standard input (-) once', `${piped} times`));
  const folders = new Set<string>();
  for (const path of photos) {
    if (path !== STANDARD && (await stat(path).catch(() => undefined))?.isDirectory())
      folders.add(resolve(path));
  }
  const inputs = new Map<string, PhotoInput>();
  const add = (input: PhotoInput) => {
    const key = input.path === STANDARD ? STANDARD : resolve(input.path);
    const before = inputs.get(key);
    // Who names a file that is found as well, means it.
    if (before === undefined || (before.found && !input.found)) inputs.set(key, input);
  };
  for (const path of photos) {
    if (path === STANDARD) add({ path, name: 'stdin', found: false });
    else if (folders.has(resolve(path))) {
      for (const input of await inputsBelow(path, out, folders.size > 1, say)) add(input);
    } else if (isGlob(path) && !(await stat(path).catch(() => undefined))) {
      for (const found of await matching(path, say)) add({ path: found, name: basename(found), found: true });
    } else add({ path, name: basename(path), found: false });
  }
  return [...inputs.values()];
}

async function inputsBelow(
  folder: string,
  out: string,
  isOneOfSeveral: boolean,
  say: (line: string) => void,
): Promise<PhotoInput[]> {
  const below = await photosBelow(folder, say);
  const inputs = outside(out, folder, below).map(({ path, name }) => ({
    path,
    name: isOneOfSeveral ? join(basename(resolve(folder)), name) : name,
    found: true,
  }));
  if (inputs.length > 0) return inputs;
  throw new ConfigError(
    expected('a folder with photos', folder, 'no file in it ends in .jpg, .png or the like'),
  );
}

async function matching(pattern: string, say: (line: string) => void): Promise<readonly string[]> {
  const files = (await globFiles(pattern, say)).filter(isPhotoName);
  if (files.length === 0) throw new ConfigError(expected('a pattern that matches a photo', pattern));
  return files;
}

/** What does not lie in the folder written to, unless the photos' folder itself does. */
export function outside<F extends { readonly path: string }>(
  out: string,
  folder: string,
  files: readonly F[],
): F[] {
  if (isWithin(folder, out)) return [...files];
  return files.filter(({ path }) => !isWithin(path, out));
}

/** Whether a path is a folder, or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}
