/** What a video can come from: a file, pictures in a row, a device or a stream. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ConfigError, expected, FileError } from '../../errors.ts';
import { globFiles, isGlob } from '../glob-files.ts';
import type { Rational } from './rational.ts';
import { showRational } from './rational.ts';
import { SELF_CONTAINED } from './self-contained.ts';

export interface VideoInput {
  /** What to call it in messages. */
  readonly name: string;
  /** ffmpeg's options before its `-i`. */
  readonly options: readonly string[];
  /** What follows `-i`. */
  readonly url: string;
  readonly kind: 'file' | 'pictures' | 'stream' | 'animation';
  /** The video itself, where ffmpeg reads it from its standard input. */
  readonly feed?: () => AsyncIterable<Uint8Array>;
  /** It can be read once only: a film of it that is broken off begins anew. */
  readonly isOnce: boolean;
  /** The files it is made of, by which a resumed run knows it again. */
  readonly files: readonly string[];
}

export interface InputOptions {
  /** ffmpeg's name of a device or format, as v4l2. */
  readonly format?: string | undefined;
  /** Frames per second of pictures in a row. Defaults to 25. */
  readonly rate?: Rational | undefined;
}

/**
 * Finds out what is meant.
 *
 * @throws {FileError} there is no such file. {ConfigError} a pattern that nothing matches.
 */
export async function findInput(named: string, { format, rate }: InputOptions = {}): Promise<VideoInput> {
  if (format !== undefined)
    return { name: named, options: ['-f', format], url: named, kind: 'stream', files: [], isOnce: true };
  if (/^[a-z][a-z0-9+]+:\/\//i.test(named)) {
    // Who names an address means what it leads to, playlists included; of this machine's own files none is meant to lead further.
    const options = /^file:/i.test(named) ? SELF_CONTAINED : [];
    return { name: named, options, url: named, kind: 'stream', files: [], isOnce: true };
  }
  const there = await stat(named).catch(() => undefined);
  if (there?.isFile()) {
    // A protocol's name before a colon would be taken for one.
    const url = `file:${named}`;
    return { name: named, options: SELF_CONTAINED, url, kind: 'file', files: [named], isOnce: false };
  }
  if (there?.isDirectory())
    throw new FileError(
      expected('a video', `${named}, which is a folder`, `for pictures in a row name ${named}/%04d.png`),
    );
  if (there !== undefined)
    throw new FileError(
      expected('a video', `${named}, which is a pipe or a device`, 'name its --input-format, as v4l2'),
    );
  const framerate = ['-framerate', showRational(rate ?? { num: 25, den: 1 })];
  if (/%0?\d*d/.test(named)) {
    const files = await numbered(named);
    const options = ['-f', 'image2', ...framerate, '-start_number', String(files.first)];
    return { name: named, options, url: named, kind: 'pictures', files: files.paths, isOnce: false };
  }
  if (isGlob(named)) {
    const files = await globFiles(named);
    if (files.length === 0) throw new ConfigError(expected('a pattern that some picture matches', named));
    const options = ['-f', 'image2', '-pattern_type', 'glob', ...framerate];
    return { name: named, options, url: named, kind: 'pictures', files, isOnce: false };
  }
  throw new FileError(expected('a video', `${named}, which is not there`));
}

/** Files of a pattern with a number in it. @throws {FileError} there are none. */
async function numbered(
  pattern: string,
): Promise<{ readonly first: number; readonly paths: readonly string[] }> {
  const folder = dirname(pattern);
  const [before = '', after = ''] = basename(pattern).split(/%0?\d*d/);
  const numbers = (await readdir(folder).catch(() => [])).flatMap((file) => {
    if (!file.startsWith(before) || !file.endsWith(after)) return [];
    const middle = file.slice(before.length, file.length - after.length);
    return /^\d+$/.test(middle) ? [{ number: Number(middle), path: `${folder}/${file}` }] : [];
  });
  const sorted = numbers.toSorted((a, b) => a.number - b.number);
  if (sorted.length === 0)
    throw new FileError(expected('pictures in a row', `${pattern}, of which none is there`));
  return { first: sorted[0]!.number, paths: sorted.map(({ path }) => path) };
}
