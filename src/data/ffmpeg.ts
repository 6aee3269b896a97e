/** The one user of ffmpeg: what it can, and runs of it with pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { FileError } from '../system/errors.ts';
import { ffmpegProgram, ffprobeProgram } from './ffmpeg-program.ts';

export { ffmpegProgram, ffprobeProgram } from './ffmpeg-program.ts';

/** @throws {FileError} ffmpeg is not there, does not start, or cannot write H.264; says what to do. */
export async function requireFfmpeg(): Promise<void> {
  const program = ffmpegProgram();
  const { code, stdout } = await runTool(program, ['-hide_banner', '-encoders']);
  if (code !== 0)
    throw new FileError(
      `An MP4 film needs ffmpeg, and ${program} cannot be run; install it (for instance apt-get install ffmpeg), or ask for a .gif.`,
    );
  if (!stdout.includes('libx264'))
    throw new FileError(
      `An MP4 film needs an ffmpeg that writes H.264 (libx264), and ${program} does not; install another, or ask for a .gif.`,
    );
}

/** What an ffmpeg can. */
export interface FfmpegAbilities {
  readonly version: string;
  readonly encoders: ReadonlySet<string>;
  readonly decoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  /** The option that leaves frames' times as they are: `-fps_mode`, called `-vsync` before 5.1. */
  readonly passTimes: readonly string[];
  /** It can say how long the last frame lasts (the bit stream filter setts). */
  readonly setsDurations: boolean;
  /** It can put notes on frames of its choice (`enable` of the filter metadata). */
  readonly notesFrames: boolean;
}

/** What has been asked of a pair of programs. Six processes answer, and a program of ours may paint many films. */
const asked = new Map<string, Promise<FfmpegAbilities>>();

/** @throws {FileError} ffmpeg or ffprobe cannot be run; says what to do. */
export async function ffmpegAbilities(): Promise<FfmpegAbilities> {
  const [program, prober] = [ffmpegProgram(), ffprobeProgram()];
  const pair = JSON.stringify([program, prober]);
  const abilities = asked.get(pair) ?? askAbilities(program, prober);
  asked.set(pair, abilities);
  try {
    return await abilities;
  } catch (error) {
    // It may be installed meanwhile.
    asked.delete(pair);
    throw error;
  }
}

async function askAbilities(program: string, prober: string): Promise<FfmpegAbilities> {
  const listOf = async (option: string) => runTool(program, ['-hide_banner', option]);
  const [version, encoders, decoders, filters, setts, probe] = await Promise.all([
    listOf('-version'),
    listOf('-encoders'),
    listOf('-decoders'),
    listOf('-filters'),
    runTool(program, ['-hide_banner', '-h', 'bsf=setts']),
    runTool(prober, ['-version']),
  ]);
  for (const [name, { code }] of [[program, version] as const, [prober, probe] as const]) {
    if (code === 0) continue;
    throw new FileError(
      `Videos need ffmpeg and ffprobe, and ${name} cannot be run; install them (for instance apt-get install ffmpeg, or npm install @ffmpeg-installer/ffmpeg @ffprobe-installer/ffprobe).`,
    );
  }
  const said = /^ffmpeg version (\S+)/.exec(version.stdout)?.[1] ?? '';
  // Builds of the day are named otherwise; libavutil's number says as much: 57.28 came with 5.1.
  const [, major = 0, minor = 0] = (/libavutil\s+(\d+)\.\s*(\d+)/.exec(version.stdout) ?? []).map(Number);
  const knowsModes = major > 57 || (major === 57 && minor >= 28);
  return {
    version: said,
    encoders: names(encoders.stdout),
    decoders: names(decoders.stdout),
    filters: names(filters.stdout),
    passTimes: knowsModes ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'],
    setsDurations: /^\s*-duration/m.test(setts.stdout),
    notesFrames: /^\s*T\S*\s+metadata\s/m.test(filters.stdout),
  };
}

/** A file's name as ffmpeg takes it for nothing else: bare, `-x.mp4` would be an option, `12:30.mp4` an address. */
export const fileUrl = (path: string): string => `file:${path}`;

/** The second word of each line is the name. */
function names(list: string): ReadonlySet<string> {
  return new Set(list.split('\n').map((line) => line.trim().split(/\s+/)[1] ?? ''));
}

export interface FfmpegRun {
  /** Its standard input. */
  readonly input: Writable;
  /** How it ended, and with what words if badly. Never rejects. */
  readonly ended: Promise<{ readonly code: number | null; readonly complaint: string }>;
}

/** Starts ffmpeg with a pipe to its input. */
export function startFfmpeg(args: readonly string[]): FfmpegRun {
  const child = startChild(['-loglevel', 'error', ...args], ['pipe', 'ignore', 'pipe']);
  let complaint = '';
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    complaint = `${complaint}${part}`.slice(-2000);
  });
  // Its early end shows as an error of the pipe, too; the exit code says more.
  child.stdin!.on('error', () => undefined);
  const ended = once(child, 'close').then(
    ([code]) => ({ code: code as number | null, complaint }),
    (error: Error) => ({ code: null, complaint: error.message }),
  );
  return { input: child.stdin!, ended };
}

type Pipes = readonly ('pipe' | 'ignore' | 'inherit')[];

/** Starts ffmpeg with pipes of the caller's choice. */
export function startChild(args: readonly string[], stdio: Pipes): ChildProcess {
  // A group of its own: Ctrl-C is for us, who then end the film properly.
  return spawn(ffmpegProgram(), ['-hide_banner', ...args], { stdio: [...stdio], detached: true });
}

/** Starts ffprobe likewise. */
export function startProbe(args: readonly string[], stdio: Pipes): ChildProcess {
  return spawn(ffprobeProgram(), [...args], { stdio: [...stdio], detached: true });
}

export interface ToolResult {
  /** null where it could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last of what it complained of. */
  readonly complaint: string;
}

/** Runs ffmpeg or ffprobe to its end. Never rejects. @param output takes standard output in place of `stdout`. */
export async function runTool(
  program: string,
  args: readonly string[],
  { output, signal }: { readonly output?: (part: Buffer) => void; readonly signal?: AbortSignal } = {},
): Promise<ToolResult> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const parts: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', output ?? ((part: Buffer) => parts.push(part)));
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    complaint = `${complaint}${part}`.slice(-4000);
  });
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  const code = await once(child, 'close').then(
    ([code]) => code as number | null,
    (error: Error) => {
      complaint = error.message;
      return null;
    },
  );
  signal?.removeEventListener('abort', stop);
  return { code, stdout: Buffer.concat(parts).toString(), complaint };
}

/** The last line of a complaint: what ffmpeg says when it gives up. */
export function lastWords(complaint: string): string {
  return complaint.trim().split('\n').at(-1)?.trim() || 'it ended without a reason';
}
