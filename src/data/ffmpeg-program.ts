/** Where ffmpeg and ffprobe are. */
import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

type Tool = 'ffmpeg' | 'ffprobe';

/** ffmpeg: `FAST_STYLE_FFMPEG`, or what the search path finds, or the npm package `@ffmpeg-installer/ffmpeg` if it is installed. */
export function ffmpegProgram(): string {
  return process.env.FAST_STYLE_FFMPEG || found('ffmpeg');
}

/**
 * ffprobe: `FAST_STYLE_FFPROBE`, or what the search path finds, or the npm package `@ffprobe-installer/ffprobe`. Where
 * `FAST_STYLE_FFMPEG` names a file, the one next to it comes first.
 */
export function ffprobeProgram(): string {
  if (process.env.FAST_STYLE_FFPROBE) return process.env.FAST_STYLE_FFPROBE;
  const own = process.env.FAST_STYLE_FFMPEG;
  const beside = own?.replace(/ffmpeg(\.exe)?$/, 'ffprobe$1');
  if (own !== undefined && beside !== undefined && beside !== own && isProgram(beside)) return beside;
  return found('ffprobe');
}

/** The program's name if it is nowhere: starting it then says so. */
function found(tool: Tool): string {
  return onSearchPath(tool) ?? inPackages(tool) ?? tool;
}

function onSearchPath(tool: Tool): string | undefined {
  const name = process.platform === 'win32' ? `${tool}.exe` : tool;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** Packages of a platform's binary each, which npm puts there without a download of their own. */
function inPackages(tool: Tool): string | undefined {
  try {
    const { path } = createRequire(import.meta.url)(`@${tool}-installer/${tool}`) as { path: string };
    // Where install scripts are off, nobody has made it a program.
    if (!isProgram(path)) chmodSync(path, 0o755);
    return path;
  } catch {
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** libavutil's number in 4.4, which has all that films are written with: builds of the day have no other. */
const OLDEST = { name: '4.4', major: 56, minor: 70 } as const;

/**
 * What to say of an ffmpeg that is too old, or undefined.
 *
 * @param versions what `ffmpeg -version` prints.
 */
export function oldFfmpeg(versions: string): string | undefined {
  const [, major, minor] = (/libavutil\s+(\d+)\.\s*(\d+)/.exec(versions) ?? []).map(Number);
  if (major === undefined || minor === undefined) return undefined;
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return undefined;
  const version = /^ffmpeg version (\S+)/.exec(versions)?.[1] ?? `with libavutil ${major}.${minor}`;
  return `ffmpeg ${version} is too old for films, which need ${OLDEST.name} or newer`;
}
