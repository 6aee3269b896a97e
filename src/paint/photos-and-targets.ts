/** Which photos a call means (files, folders, patterns), and where the painted ones go: the file named, standard output, or a folder. */
import { stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { globFiles, isGlob } from '../data/glob-files.ts';
import { type OpenOptions, openPhoto, type Photo } from '../data/photo/read-photo.ts';
import { STANDARD } from '../data/photo/source.ts';
import { isPhotoName, photosBelow } from '../data/photo-files.ts';
import { PHOTO_EXTENSIONS, type PhotoFormat, photoFormat, writtenFormat } from '../data/picture-format.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { distinctStems } from './distinct-names.ts';
import type { Target } from './paint-photo.ts';

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
 * @param out as given to --out. @param say takes a line for each folder in them that cannot be read, and is skipped. @throws {ConfigError} a folder or pattern without photos, or standard input twice. {FileError} a folder that cannot be read.
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
function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}

/**
 * Opens the photos whose faults are to show before anything is painted: one that is the only one, and standard input, which
 * is read now.
 *
 * @throws {ConfigError} standard input is a terminal. {ImageError} as `openPhoto`.
 */
export async function openEarly(
  photos: readonly string[],
  options: OpenOptions,
): Promise<Map<string, Photo>> {
  const isPiped = photos.includes(STANDARD);
  if (isPiped && process.stdin.isTTY) {
    throw new ConfigError(
      expected('a picture in standard input', 'a terminal', 'put cat photo.jpg | before the command'),
    );
  }
  const early = [...(isPiped ? [STANDARD] : []), ...(photos.length === 1 ? photos : [])];
  const opened = new Map<string, Photo>();
  for (const path of new Set(early)) opened.set(path, await openPhoto(path, options));
  return opened;
}

interface Outputs {
  readonly out: string;
  /** Names of the styles, as they are in files' names: none twice. */
  readonly styles: readonly string[];
  readonly format?: PhotoFormat | undefined;
  /** The format of what comes through standard input. */
  readonly piped?: PhotoFormat | undefined;
  /** Takes a line about photos whose names would meet. */
  readonly say?: (line: string) => void;
}

/**
 * The files to write for each photo, one for each style: the one named, or `<photo>-<style>.<extension>` in the folder named.
 *
 * @throws {ConfigError} they do not go together.
 */
export async function targetsOfPhotos(
  photos: readonly PhotoInput[],
  { out, styles, format, piped, say = () => undefined }: Outputs,
): Promise<readonly (readonly Target[])[]> {
  const pictures = photos.length * styles.length;
  const many = styles.length > 1 ? `${styles.length} styles` : `${photos.length} photos`;
  if (out === STANDARD) return [[await standardOutput(photos, pictures, format, piped)]];
  if (!(await isFolder(out))) {
    if (pictures > 1) {
      throw new ConfigError(expected(`a folder for --out, as there are ${many}`, out, 'end it with a slash'));
    }
    const named = photoFormat(out);
    if (format !== undefined && format !== named) {
      throw new ConfigError(expected(`a file name that ends as ${format} does`, out, 'omit --format'));
    }
    return [[{ path: out, format: named }]];
  }
  const outputs = await Promise.all(
    photos.map(async ({ path, name }) => {
      const own = extname(path);
      const chosen = format ?? (path === STANDARD ? piped : undefined) ?? (await keptFormat(path));
      // The extension stays as the photo has it, where it fits: .jpeg, .TIF.
      const fits = isWritable(own) && photoFormat(path) === chosen;
      const extension = fits ? own : `.${EXTENSIONS[chosen] ?? chosen}`;
      return { path, stem: own === '' ? name : name.slice(0, -own.length), extension, format: chosen };
    }),
  );
  const stems = distinctStems(outputs);
  return outputs.map(({ path, stem, extension, format }, i) => {
    if (stems[i] !== stem)
      say(`${path} is written to ${stems[i]}-…${extension}, as there is another ${stem}.`);
    return styles.map((style) => ({ path: join(out, `${stems[i]}-${style}${extension}`), format }));
  });
}

/** Whether --out names a folder: by what is there, else by its form. */
async function isFolder(out: string): Promise<boolean> {
  if (/[\\/]$/.test(out) || extname(out) === '') return true;
  return (await stat(out).catch(() => undefined))?.isDirectory() === true;
}

/**
 * Leaves out the photos that are paintings themselves, as they lie about when one paints into the photos' own folder: those
 * that other photos of the call would be painted into, and in the folder written to those with a style's name.
 *
 * @throws {ConfigError} the user has named one.
 */
export function withoutOwnOutputs<
  T extends { readonly input: PhotoInput; readonly targets: readonly Target[] },
>(tasks: readonly T[], { out, styles }: Pick<Outputs, 'out' | 'styles'>): readonly T[] {
  const paintedFrom = new Map<string, string>();
  for (const { input, targets } of tasks) {
    for (const { path } of targets) paintedFrom.set(resolve(path), input.path);
  }
  return tasks.filter(({ input }) => {
    const stem = basename(input.name, extname(input.name));
    const isPainting = styles.some((style) => stem.endsWith(`-${style}`));
    if (input.found && isPainting && isWithin(input.path, out)) return false;
    const photo = input.path === STANDARD ? undefined : paintedFrom.get(resolve(input.path));
    if (photo === undefined || photo === input.path) return true;
    if (input.found) return false;
    throw new ConfigError(
      expected('photos alone', `${input.path}, which ${photo} would be written to`, 'choose another --out'),
    );
  });
}

const EXTENSIONS: Readonly<Partial<Record<PhotoFormat, string>>> = { jpeg: 'jpg', tiff: 'tif' };

function isWritable(extension: string): boolean {
  return PHOTO_EXTENSIONS.includes(extension.slice(1).toLowerCase());
}

/** The format that a photo's name tells; of a GIF only where it moves, as its 256 colours serve no painting. */
async function keptFormat(photo: string): Promise<PhotoFormat> {
  const extension = extname(photo);
  if (/^\.(heic|heif|hif)$/i.test(extension)) return writtenFormat('heic');
  if (!isWritable(extension)) return 'png';
  const format = photoFormat(photo);
  if (format !== 'gif') return format;
  // What cannot be opened is reported in its turn.
  const opened = await openPhoto(photo).catch(() => undefined);
  return opened !== undefined && opened.head.frames > 1 ? 'gif' : 'png';
}

async function standardOutput(
  photos: readonly PhotoInput[],
  pictures: number,
  format: PhotoFormat | undefined,
  piped: PhotoFormat | undefined,
): Promise<Target> {
  if (pictures > 1) {
    throw new ConfigError(expected('one photo for standard output', `${pictures}`, 'name a folder as --out'));
  }
  if (process.stdout.isTTY) {
    throw new ConfigError(
      expected('a file or a program as standard output', 'a terminal', 'put > painted.jpg after the command'),
    );
  }
  return { path: STANDARD, format: format ?? piped ?? (await keptFormat(photos[0]!.path)) };
}
