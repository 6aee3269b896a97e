/** What a video can come from: a file, pictures in a row, a device or a stream. */
import { stat } from 'node:fs/promises';
import { expected, FileError } from '../../system/errors.ts';
import { fileUrl } from '../ffmpeg.ts';
import { isGlob } from '../glob-files.ts';
import type { Rational } from './facts.ts';
import { globbedPictures, isNumbered, numberedPictures } from './picture-names.ts';

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
  /** It can be read once only: a film of it that is broken off starts again. */
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

/**
 * Kinds of files that hold their film themselves. Others name files or addresses to read it from: playlists (HLS, DASH), scripts
 * (concat), descriptions of streams (SDP). ffmpeg knows them by their content, whatever a file is called, and would read and
 * paint, or fetch, what somebody else wrote into them.
 */

/** ffmpeg's names of their demuxers. Those of scripts, playlists, devices, text and SVG are left out. */
const FORMATS = [
  ...['mov', 'matroska', 'avi', 'mpegts', 'mpegtsraw', 'mpeg', 'mpegvideo', 'm4v', 'h261', 'h263', 'h264'],
  ...[
    'hevc',
    'vvc',
    'av1',
    'obu',
    'ivf',
    'flv',
    'live_flv',
    'kux',
    'asf',
    'asf_o',
    'ogg',
    'rm',
    'mxf',
    'gxf',
  ],
  ...[
    'lxf',
    'dv',
    'wtv',
    'nut',
    'nuv',
    'gif',
    'apng',
    'mjpeg',
    'mjpeg_2000',
    'vc1',
    'vc1test',
    'yuv4mpegpipe',
  ],
  ...['cavsvideo', 'avs', 'avs2', 'avs3', 'dirac', 'dnxhd', 'swf', 'flic', 'film_cpk', 'roq', 'bink', 'smk'],
  ...['thp', 'pva', 'nsv', 'ty', 'xmv', 'r3d', 'cine', 'iv8', 'ipu', 'mods', 'moflex', 'rl2', 'smjpeg'],
  ...['image2', 'png_pipe', 'jpeg_pipe', 'bmp_pipe', 'tiff_pipe', 'webp_pipe', 'jpegxl_anim'],
] as const;

/** Options of an input, for ffmpeg and ffprobe, that let nothing else in. */
export const SELF_CONTAINED: readonly string[] = ['-format_whitelist', FORMATS.join(',')];

/** Whether a complaint of ffmpeg's or ffprobe's is that. */
export function isOutsideList(complaint: string): boolean {
  return /not on whitelist/i.test(complaint);
}
