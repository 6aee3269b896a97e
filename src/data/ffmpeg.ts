/** The one user of ffmpeg: runs of it with pipes. */
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

/** A file's name as ffmpeg takes it for nothing else: bare, `-x.mp4` would be an option, `12:30.mp4` an address. */
export const fileUrl = (path: string): string => `file:${path}`;

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
