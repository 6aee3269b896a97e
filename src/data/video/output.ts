/** What a painted video can be written as. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { refuseToOverwrite } from '../../system/atomic-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { STANDARD } from '../photo/source.ts';
import { codecHoldsAlpha, type StoredCodec, type VideoCodec } from './codecs.ts';

export const CONTAINERS = ['mp4', 'mov', 'mkv', 'webm', 'gif', 'pictures'] as const;
export type Container = (typeof CONTAINERS)[number];

export interface VideoOutput {
  /** The file, a pattern of pictures' names as painted/%05d.png, or `-`. */
  readonly path: string;
  readonly container: Container;
  /** Of the frames until they are in their container. */
  readonly codec: StoredCodec;
  /** Nobody has asked for this codec: it is the container's usual one. */
  readonly isUsual: boolean;
}

/** Codecs of a container, the usual one first. */
const HELD: Readonly<Record<Container, readonly StoredCodec[]>> = {
  mp4: ['h264', 'hevc', 'av1', 'vp9'],
  mov: ['h264', 'hevc', 'prores'],
  mkv: ['h264', 'hevc', 'av1', 'vp9', 'prores'],
  webm: ['vp9', 'av1'],
  gif: ['lossless'],
  pictures: ['lossless'],
};

const EXTENSIONS: Readonly<Record<string, Container>> = {
  '.mp4': 'mp4',
  '.m4v': 'mp4',
  '.mov': 'mov',
  '.mkv': 'mkv',
  '.webm': 'webm',
  '.gif': 'gif',
};
const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.tif', '.tiff', '.webp', '.bmp']);

/** Of those, what has a place for alpha. */
const ALPHA_PICTURES = new Set(['.png', '.tif', '.tiff', '.webp']);

/** Names of pictures that are numbered: one `%d`, `%05d` or the like. */
const NUMBERED = /^[^%]*%(0?\d+)?d[^%]*$/;

/** Whether what is transparent can stay so. */
export function outputHoldsAlpha({ path, container, codec }: VideoOutput): boolean {
  if (container === 'pictures') return ALPHA_PICTURES.has(extname(path).toLowerCase());
  // VP9 has its alpha apart, and MP4 no place for that.
  return container !== 'mp4' && codecHoldsAlpha(codec);
}

/** The same with the container's first codec that holds alpha; undefined where there is none. */
export function withAlphaCodec(output: VideoOutput): VideoOutput | undefined {
  const codec = HELD[output.container].find((one) => outputHoldsAlpha({ ...output, codec: one }));
  return codec === undefined ? undefined : { ...output, codec };
}

/** What the names look like that a pattern of pictures' names stands for. */
export function patternOfNames(pattern: string): RegExp {
  const [before = '', after = ''] = pattern.split(/%\d*d/);
  const digits = Number(/%0?(\d+)d/.exec(pattern)?.[1] ?? 1);
  const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(`^${literal(before)}\\d{${digits},}${literal(after)}$`, 'u');
}

/**
 * Looks for what is in the way of a video to be written: for pictures, at every name that the pattern stands for.
 *
 * @throws {FileError} something does: nothing is overwritten unasked.
 */
export async function refuseToReplace({ path, container }: VideoOutput): Promise<void> {
  if (container !== 'pictures') return refuseToOverwrite(path);
  const names = patternOfNames(basename(path));
  const there = (await readdir(dirname(path)).catch((): string[] => [])).filter((name) => names.test(name));
  if (there.length > 0) await refuseToOverwrite(join(dirname(path), there.sort()[0]!));
}

/** ffmpeg's names of the containers. */
export const FFMPEG_FORMAT: Readonly<Record<Exclude<Container, 'pictures'>, string>> = {
  mp4: 'mp4',
  mov: 'mov',
  mkv: 'matroska',
  webm: 'webm',
  gif: 'gif',
};

/**
 * Reads what is to be written from the name given.
 *
 * @param format for standard output; mkv unless given. @throws {ConfigError} another kind, or a codec that it cannot hold.
 */
export function videoOutput(path: string, codec: VideoCodec | undefined, format?: Container): VideoOutput {
  const container = containerOf(path, format);
  const held = HELD[container];
  if (codec === undefined) return { path, container, codec: held[0]!, isUsual: true };
  if (held[0] === 'lossless')
    throw new ConfigError(expected(`no --codec for ${container === 'gif' ? 'a GIF' : 'pictures'}`, codec));
  if (!held.includes(codec))
    throw new ConfigError(expected(`--codec ${held.join(' or ')} for ${container}`, codec));
  return { path, container, codec, isUsual: false };
}

function containerOf(path: string, format: Container | undefined): Container {
  if (path === STANDARD) {
    const streamed = format ?? 'mkv';
    if (streamed === 'mkv' || streamed === 'webm' || streamed === 'mp4' || streamed === 'mov')
      return streamed;
    throw new ConfigError(expected('--format mkv, webm, mp4 or mov with standard output', streamed));
  }
  if (format !== undefined)
    throw new ConfigError(expected('--format only with --out -', format, "the file's extension tells"));
  const extension = extname(path).toLowerCase();
  const container = EXTENSIONS[extension];
  if (container !== undefined) return container;
  if (!PICTURES.has(extension)) {
    throw new ConfigError(
      expected('a video to write (.mp4, .mov, .mkv, .webm, .gif) or pictures (name/%05d.png)', path),
    );
  }
  if (NUMBERED.test(basename(path))) return 'pictures';
  throw new ConfigError(
    expected('a place for a number in the names of pictures, such as name/%05d.png', path),
  );
}
