/** The one user of ffmpeg: where it is, and a run of it that takes raw pictures on its standard input. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { FileError } from '../errors.ts';

/** The program: `FAST_STYLE_FFMPEG`, or what the search path finds. */
export function ffmpegProgram(): string {
  return process.env.FAST_STYLE_FFMPEG || 'ffmpeg';
}

/** @throws {FileError} ffmpeg is not there, does not start, or cannot write H.264; says what to do. */
export async function requireFfmpeg(): Promise<void> {
  const program = ffmpegProgram();
  const { code, text } = await output(program, ['-hide_banner', '-encoders']);
  if (code !== 0)
    throw new FileError(
      `An MP4 film needs ffmpeg, and ${program} cannot be run; install it (for instance apt-get install ffmpeg), or ask for a .gif.`,
    );
  if (!text.includes('libx264'))
    throw new FileError(
      `An MP4 film needs an ffmpeg that writes H.264 (libx264), and ${program} does not; install another, or ask for a .gif.`,
    );
}

export interface FfmpegRun {
  /** Its standard input. */
  readonly input: Writable;
  /** How it ended, and with what words if badly. Never rejects. */
  readonly ended: Promise<{ readonly code: number | null; readonly complaint: string }>;
}

/** Starts ffmpeg with a pipe to its input. */
export function startFfmpeg(args: readonly string[]): FfmpegRun {
  // A group of its own: Ctrl-C is for us, who then end the film properly.
  const child = spawn(ffmpegProgram(), ['-hide_banner', '-loglevel', 'error', ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    complaint = `${complaint}${part}`.slice(-2000);
  });
  // Its early end shows as an error of the pipe, too; the exit code tells the story.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(
    ([code]) => ({ code: code as number | null, complaint }),
    (error: Error) => ({ code: null, complaint: error.message }),
  );
  return { input: child.stdin, ended };
}

async function output(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return once(child, 'close').then(
    ([code]) => ({ code: code as number | null, text }),
    () => ({ code: null, text }),
  );
}
