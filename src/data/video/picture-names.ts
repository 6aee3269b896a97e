/** Image sequences: the files that a pattern stands for, in their order. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError, expected, FileError } from '../../system/errors.ts';
import { globFiles } from '../glob-files.ts';
import { isPhotoName } from '../photo-files.ts';

export interface PictureNames {
  readonly paths: readonly string[];
  /** What of the row is not there, a line each. */
  readonly notes: readonly string[];
}

/** Kinds of pictures that ffmpeg alone decodes. */
const OTHER_PICTURE =
  /\.(bmp|dib|dpx|exr|hdr|tga|ppm|pgm|pbm|pnm|pam|pfm|sgi|pcx|jp2|j2k|jxl|qoi|xwd|sun|ras)$/i;

/** Whether a file's name ends as that of a picture which only ffmpeg decodes. */
export const isOtherPicture = (name: string): boolean => OTHER_PICTURE.test(name);

/** The place of a number, `%d` or `%04d`, in a file's name. */
const PLACE = /%(?:0?(\d+))?d/;

/** Whether a file's name is a pattern with a number; its folder's name may hold anything. */
export const isNumbered = (pattern: string): boolean => PLACE.test(basename(pattern));

/**
 * Files of a pattern with a number in it, from the least, gaps or not. Case matters as little as it does to cameras, which write .JPG.
 *
 * @throws {FileError} there are none.
 */
export async function numberedPictures(pattern: string): Promise<PictureNames> {
  const folder = dirname(pattern);
  const name = basename(pattern);
  const [place = '', width] = PLACE.exec(name) ?? [];
  const at = name.indexOf(place);
  const [before, after] = [name.slice(0, at), name.slice(at + place.length)];
  const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const found = new Map<bigint, string>();
  for (const file of await readdir(folder).catch((): string[] => [])) {
    const end = file.length - after.length;
    const digits = file.slice(before.length, end);
    if (end <= before.length || !/^\d+$/.test(digits)) continue;
    if (!isSame(file.slice(0, before.length), before) || !isSame(file.slice(end), after)) continue;
    const number = BigInt(digits);
    const exact = String(number).padStart(Number(width ?? 1), '0');
    if (width !== undefined && digits !== exact) continue;
    // Of several with one number the one that is spelt as the pattern has it.
    if (!found.has(number) || file === `${before}${exact}${after}`) found.set(number, file);
  }
  if (found.size === 0)
    throw new FileError(expected('an image sequence', `${pattern}, of which none exists`));
  const numbers = [...found.keys()].sort((a, b) => (a < b ? -1 : 1));
  const paths = numbers.map((number) => join(folder, found.get(number)!));
  return { paths, notes: gapNotes(pattern, numbers) };
}

/** Gaps that are named; of more it is said how many there are. */
const MOST_NAMED = 8;

function gapNotes(pattern: string, numbers: readonly bigint[]): string[] {
  const gaps = numbers.slice(1).flatMap((number, i) => {
    const [from, to] = [numbers[i]! + 1n, number - 1n];
    return from > to ? [] : [{ from, to }];
  });
  if (gaps.length === 0) return [];
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
  const named = gaps.slice(0, MOST_NAMED).map(({ from, to }) => {
    if (from === to) return String(from);
    return to === from + 1n ? `${from}, ${to}` : `${from} to ${to}`;
  });
  const rest = gaps.length > MOST_NAMED ? ` and ${gaps.length - MOST_NAMED} gaps more` : '';
  const what = missing === 1n ? '1 number is' : `${missing} numbers are`;
  return [`${what} missing in ${pattern}: ${named.join(', ')}${rest}. The film continues without them.`];
}

/** Pictures of a glob, found as `stylize` finds them. @throws {ConfigError} there are none. */
export async function globbedPictures(pattern: string): Promise<PictureNames> {
  const files = await globFiles(pattern);
  const paths = files.filter((file) => isPhotoName(file) || isOtherPicture(file));
  if (paths.length === 0) throw new ConfigError(expected('a pattern that matches a picture', pattern));
  return { paths, notes: [] };
}
