/** What is in the folder of a film's parts, by name and by content: which files are the film's, and which are not. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expected, FileError } from '../system/errors.ts';
import { isRecord, jsonOrNothing } from '../system/json-text.ts';
import { readPlainText } from '../system/plain-file.ts';

/** All that painted frames depend on, by name: a film continues only if nothing of it has changed. */
export type FilmKey = Readonly<{ [name: string]: string | number | boolean | null }>;

/** What is written next to a finished segment. Times in ticks, as text. */
export interface SegmentRecord {
  readonly frames: number;
  readonly start: string;
  readonly end: string;
  readonly last: string;
  readonly mark: number;
  readonly bytes: number;
  readonly hasMemory: boolean;
}

export const KEY = 'film.json';
export const LOCK = 'film.lock';
/** Made on the way to the whole film (data/video/join.ts). */
export const PICTURE_STREAM = 'pictures';
/** Every name of a file that painting makes in its folder, with the temporary ones of files that are written whole. */
const OWN =
  /^(\d{6,}\.(json|memory|mp4|mov|mkv)|film\.json|list\.txt|palette\.png|sound\.mka)(\.\d+-[0-9a-f]{8}\.part)?$|^\d{6,}\.unfinished-\d+\.(mp4|mov|mkv)$|^film\.lock(\.breaking|\.[0-9a-f-]{36})?$/;

/** @throws {FileError} the folder is a link or a file, or holds what no film leaves: nothing in it is written or removed then. */
export async function refuseStrangers(folder: string): Promise<void> {
  const there = await lstat(folder).catch(() => undefined);
  if (there === undefined) return;
  const refuse = (received: string): never => {
    throw new FileError(
      expected(
        `nothing but a film's finished parts at ${folder}`,
        received,
        'move it away, or choose another --out',
      ),
    );
  };
  if (there.isSymbolicLink()) refuse('a link');
  if (!there.isDirectory()) refuse('a file');
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isOwn =
      entry.name === PICTURE_STREAM ? entry.isDirectory() : entry.isFile() && OWN.test(entry.name);
    if (!isOwn) refuse(`${entry.name}${entry.isSymbolicLink() ? ', a link' : ''}`);
  }
  const pictures = await readdir(join(folder, PICTURE_STREAM), { withFileTypes: true }).catch(() => []);
  const odd = pictures.find((entry) => !entry.isFile());
  if (odd !== undefined) refuse(join(PICTURE_STREAM, odd.name));
}

/** Whether the folder holds frames that took time to paint. */
export async function hasSegments(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((file) => /^\d{6,}\.(json|mp4|mov|mkv)$/.test(file));
}

/** Whose film it is; undefined where it cannot be read. */
export async function readKey(path: string): Promise<FilmKey | undefined> {
  const key = jsonOrNothing(await readPlainText(path).catch(() => ''));
  const isPlain = (value: unknown) =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return isRecord(key) && Object.values(key).every(isPlain) ? (key as FilmKey) : undefined;
}

/** Undefined for what is no record: its segment is painted again. */
export function parseRecord(text: string): SegmentRecord | undefined {
  const record = jsonOrNothing(text);
  if (!isRecord(record)) return undefined;
  const { frames, start, end, last, mark, bytes, hasMemory } = record;
  const areNumbers = [frames, mark, bytes].every(Number.isSafeInteger) && (frames as number) > 0;
  const areTicks = [start, end, last].every(
    (ticks) => typeof ticks === 'string' && /^-?\d{1,19}$/.test(ticks),
  );
  const isRecordOfOne = areNumbers && areTicks && typeof hasMemory === 'boolean';
  return isRecordOfOne ? (record as unknown as SegmentRecord) : undefined;
}

/** The first thing in which two films differ, in words. */
export function difference(was: FilmKey, is: FilmKey): string | undefined {
  const names = [...new Set([...Object.keys(is), ...Object.keys(was)])];
  const changed = names.find((one) => (was[one] ?? null) !== (is[one] ?? null));
  return changed === undefined
    ? undefined
    : `${changed} was ${was[changed] ?? 'none'}, is ${is[changed] ?? 'none'}`;
}

/** Whether painting makes files of this name. */
export function isOwnName(file: string): boolean {
  return OWN.test(file);
}

/** Whether a name belongs to the folder's lock. */
export function isOfLock(file: string): boolean {
  return file.startsWith(LOCK);
}
