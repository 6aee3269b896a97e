/** Where painted photos go: the file named, standard output, or a folder. */
import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Photo } from '../data/photo/decode.ts';
import { openPhoto } from '../data/photo/photo-file.ts';
import { STANDARD } from '../data/photo/source.ts';
import { PHOTO_EXTENSIONS, type PhotoFormat, photoFormat } from '../data/picture-format.ts';
import { ConfigError, expected } from '../errors.ts';

export interface Target {
  /** `-` is standard output. */
  readonly path: string;
  readonly format: PhotoFormat;
}

/**
 * Opens the photos whose faults are to show before anything is painted: the first, and standard input, which is read now.
 *
 * @throws {ConfigError} there is nothing in standard input, or it is asked for twice. {ImageError} as `openPhoto`.
 */
export async function openEarly(
  photos: readonly string[],
  maxPixels: number | undefined,
): Promise<Map<string, Photo>> {
  const piped = photos.filter((photo) => photo === STANDARD).length;
  if (piped > 1) throw new ConfigError(expected('standard input (-) once', `${piped} times`));
  if (piped === 1 && process.stdin.isTTY) {
    throw new ConfigError(
      expected('a picture in standard input', 'a terminal', 'put cat photo.jpg | before the command'),
    );
  }
  const early = new Set([...(piped === 1 ? [STANDARD] : []), photos[0]!]);
  const opened = new Map<string, Photo>();
  for (const path of early) opened.set(path, await openPhoto(path, maxPixels));
  return opened;
}

/**
 * The file to write for each photo: the one named, or `<photo>-<style>.<extension>` in the folder named.
 *
 * @param piped the format of what comes through standard input. @throws {ConfigError} they do not go together.
 */
export async function targetsOf(
  photos: readonly string[],
  styleName: string,
  out: string,
  format: PhotoFormat | undefined,
  piped: PhotoFormat | undefined,
): Promise<readonly Target[]> {
  if (out === STANDARD) return [await standardOutput(photos, format, piped)];
  const isFolder =
    /[\\/]$/.test(out) ||
    extname(out) === '' ||
    (await stat(out).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) {
    if (photos.length > 1) {
      throw new ConfigError(
        expected(`a folder for --out, as there are ${photos.length} photos`, out, 'end it with a slash'),
      );
    }
    const named = photoFormat(out);
    if (format !== undefined && format !== named) {
      throw new ConfigError(expected(`a file name that ends as ${format} does`, out, 'leave --format away'));
    }
    return [{ path: out, format: named }];
  }
  const targets = await Promise.all(
    photos.map(async (photo): Promise<Target> => {
      const own = extname(photo);
      const name = photo === STANDARD ? 'stdin' : basename(photo, own);
      const chosen = format ?? (photo === STANDARD ? piped : undefined) ?? (await keptFormat(photo));
      // The extension stays as the photo has it, where it fits: .jpeg, .TIF.
      const fits = isWritable(own) && photoFormat(photo) === chosen;
      const extension = fits ? own : `.${EXTENSIONS[chosen] ?? chosen}`;
      return { path: join(out, `${name}-${styleName}${extension}`), format: chosen };
    }),
  );
  const twice = targets.find(({ path }, i) => targets.findIndex((one) => one.path === path) !== i);
  if (twice !== undefined)
    throw new ConfigError(
      expected('photos of different names for one folder', `two that would be written to ${twice.path}`),
    );
  return targets;
}

const EXTENSIONS: Readonly<Partial<Record<PhotoFormat, string>>> = { jpeg: 'jpg', tiff: 'tif' };

function isWritable(extension: string): boolean {
  return PHOTO_EXTENSIONS.includes(extension.slice(1).toLowerCase());
}

/** The format that a photo's name tells; of a GIF only where it moves, as its 256 colours serve no painting. */
async function keptFormat(photo: string): Promise<PhotoFormat> {
  const extension = extname(photo);
  if (!isWritable(`${extension}`)) return 'png';
  const format = photoFormat(photo);
  if (format !== 'gif') return format;
  const { head } = await openPhoto(photo);
  return head.frames > 1 ? 'gif' : 'png';
}

async function standardOutput(
  photos: readonly string[],
  format: PhotoFormat | undefined,
  piped: PhotoFormat | undefined,
): Promise<Target> {
  if (photos.length > 1) {
    throw new ConfigError(
      expected('one photo for standard output', `${photos.length}`, 'name a folder as --out'),
    );
  }
  if (process.stdout.isTTY) {
    throw new ConfigError(
      expected('a file or a program behind --out -', 'a terminal', 'put > painted.jpg behind the command'),
    );
  }
  return { path: STANDARD, format: format ?? piped ?? (await keptFormat(photos[0]!)) };
}
