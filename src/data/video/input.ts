/** What a video can come from: a file, pictures in a row, a device or a stream. */
import { stat } from 'node:fs/promises';
import { expected, FileError } from '../../system/errors.ts';
import { fileUrl } from '../ffmpeg.ts';
import { isGlob } from '../glob-files.ts';
import { globbedPictures, isNumbered, numberedPictures } from './picture-names.ts';
import type { Rational } from './rational.ts';
import { SELF_CONTAINED } from './self-contained.ts';

export interface VideoInput {
  /** What to call it in messages. */
  readonly name: string;
  /** ffmpeg's options before its `-i`. */
  readonly options: readonly string[];
  /** What follows `-i`; pictures in a row are not read by it. */
  readonly url: string;
  readonly kind: 'file' | 'pictures' | 'stream' | 'animation';
  /** The video itself, where ffmpeg reads it from its standard input. */
  readonly feed?: () => AsyncIterable<Uint8Array>;
  /** It can be read once only: a film of it that is broken off begins anew. */
  readonly isOnce: boolean;
  /** The files it is made of, by which a resumed run knows it again. */
  readonly files: readonly string[];
  /** What of them is missing, a line each. */
  readonly notes?: readonly string[];
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
export async function findInput(
  named: string,
  { format }: Pick<InputOptions, 'format'> = {},
): Promise<VideoInput> {
  if (format !== undefined)
    return { name: named, options: ['-f', format], url: named, kind: 'stream', files: [], isOnce: true };
  if (/^[a-z][a-z0-9+]+:\/\//i.test(named)) {
    // Who names an address means what it leads to, playlists included; of this machine's own files none is meant to lead further.
    const options = /^file:/i.test(named) ? SELF_CONTAINED : [];
    return { name: named, options, url: named, kind: 'stream', files: [], isOnce: true };
  }
  const there = await stat(named).catch(() => undefined);
  if (there?.isFile()) {
    const url = fileUrl(named);
    return { name: named, options: SELF_CONTAINED, url, kind: 'file', files: [named], isOnce: false };
  }
  if (there?.isDirectory())
    throw new FileError(
      expected('a video', `${named}, which is a folder`, `for an image sequence, name ${named}/%04d.png`),
    );
  if (there !== undefined)
    throw new FileError(
      expected('a video', `${named}, which is a pipe or a device`, 'name its --input-format, as v4l2'),
    );
  if (!isNumbered(named) && !isGlob(named))
    throw new FileError(expected('a video', `${named}, which does not exist`));
  const { paths, notes } = await (isNumbered(named) ? numberedPictures(named) : globbedPictures(named));
  return { name: named, options: [], url: '', kind: 'pictures', files: paths, notes, isOnce: false };
}
