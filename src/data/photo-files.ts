/** Finds the photos below folders, in an order that does not depend on the file system. */
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { DatasetError, FileError } from '../system/errors.ts';
import { PHOTO_EXTENSIONS } from './picture-format.ts';
import { permutation, random } from './random.ts';

export interface PhotoFile {
  readonly path: string;
  /** Path within the folder it was found below, with forward slashes. */
  readonly name: string;
  readonly bytes: number;
}

/** More than can be read: a photo of a kind that cannot is set aside with the reason, not skipped silently. */
const EXTENSIONS: ReadonlySet<string> = new Set([
  ...PHOTO_EXTENSIONS,
  ...['jpe', 'jfif', 'heic', 'heif', 'hif', 'avifs', 'bmp'],
]);

/**
 * Finds every file with a picture's extension in folders and the folders in them: folder by folder as given, by name
 * (by code unit, so that every machine has the same order) in each. Names that begin with a dot are skipped,
 * links are followed.
 *
 * @param onUnreadable takes a line for each folder in them that cannot be read, and is skipped. @throws {DatasetError} a folder is missing, is a file, or there is no picture in any.
 */
export async function findPhotos(
  folders: readonly string[],
  onUnreadable: (line: string) => void = () => {},
): Promise<PhotoFile[]> {
  const found: PhotoFile[] = [];
  for (const folder of folders) {
    const there = await stat(folder).catch(() => undefined);
    if (!there) throw new DatasetError(`There is no photo folder ${folder}: no such folder.`);
    if (!there.isDirectory()) {
      throw new DatasetError(`${folder} is a file; give the folder that the photos lie in.`);
    }
    found.push(...(await photosBelow(folder, onUnreadable)));
  }
  if (found.length === 0) {
    throw new DatasetError(
      `There are no pictures in ${folders.join(', ')}: no file ends in .jpg, .png or the like.`,
    );
  }
  return found;
}

/** The photos in one folder and those in it, as `findPhotos` finds them; there may be none. @throws {FileError} it cannot be read. */
export async function photosBelow(
  folder: string,
  onUnreadable: (line: string) => void = () => {},
): Promise<PhotoFile[]> {
  const below: PhotoFile[] = [];
  await walk(folder, '', new Set(), { found: below, onUnreadable });
  return below.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is said of a folder within, for the reason why it cannot be read. */
export function unreadableFolder({ message }: FileError): string {
  return `${message.slice(0, -1)}; the photos in it are skipped.`;
}

/** Whether a file's name ends as a picture's does. */
export function isPhotoName(name: string): boolean {
  return EXTENSIONS.has(extname(name).slice(1).toLowerCase());
}

/** Draws `limit` of the photos; they stay in their order. */
export function drawPhotos(
  photos: readonly PhotoFile[],
  limit: number | undefined,
  seed: number,
): readonly PhotoFile[] {
  if (limit === undefined || limit >= photos.length) return photos;
  const drawn = permutation(photos.length, random(seed)).subarray(0, limit).sort();
  return Array.from(drawn, (i) => photos[i]!);
}

/** SHA-256 of names and lengths in order: tells whether the photos are the same as at an earlier time. */
export function photosId(photos: readonly PhotoFile[]): string {
  const hash = createHash('sha256');
  for (const { name, bytes } of photos) hash.update(`${name}\0${bytes}\0`);
  return hash.digest('hex');
}

interface Walk {
  readonly found: PhotoFile[];
  readonly onUnreadable: (line: string) => void;
}

async function walk(folder: string, prefix: string, above: Set<string>, to: Walk): Promise<void> {
  const { found, onUnreadable } = to;
  const there = await look(folder).catch((error: unknown) => {
    const failure = asFileError(error, `read the folder ${folder}`);
    // The folder that was asked for must be readable; one of many in it does not stop the others.
    if (prefix === '' || !(failure instanceof FileError)) throw failure;
    onUnreadable(unreadableFolder(failure));
  });
  // A link to a folder that it lies in would lead round for ever.
  if (there === undefined || above.has(there.real)) return;
  const { real, entries } = there;
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const isFile = entry.isFile();
    if (isFile && !isPhotoName(entry.name)) continue;
    const info = isFile || entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory() || info?.isDirectory()) {
      await walk(path, `${name}/`, new Set(above).add(real), to);
    } else if (isPhotoName(entry.name) && (isFile || entry.isSymbolicLink())) {
      // A broken link has no length; reading it gives the reason it is set aside for.
      found.push({ path, name, bytes: info?.size ?? 0 });
    }
  }
}

async function look(folder: string): Promise<{ readonly real: string; readonly entries: readonly Dirent[] }> {
  return { real: await realpath(folder), entries: await readdir(folder, { withFileTypes: true }) };
}
