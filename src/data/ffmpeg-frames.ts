/** Frames of a video for measuring: as they are shown, one after the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expected, FileError, ImageError } from '../errors.ts';
import { ffmpegProgram } from './ffmpeg.ts';
import type { Picture } from './picture.ts';

export interface FrameOptions {
  /** Larger frames are shrunk to this long side, px. */
  readonly longSide: number;
  /** Seconds that are passed over. */
  readonly start: number;
  /** Frames at most. */
  readonly frames: number;
}

/** Head of a picture in the PPM format, which each frame comes in: so it says its own size, turned upright. */
const HEAD = /^P6\s+(\d+)\s+(\d+)\s+255\s/;
const LONGEST_HEAD = 32;

/**
 * Reads a video's frames, upright, in sRGB of 8 bit.
 *
 * @throws {FileError} ffmpeg cannot be run. {ImageError} nothing can be read from the file; says what ffmpeg says.
 */
export async function* videoFrames(
  path: string,
  { longSide, start, frames }: FrameOptions,
): AsyncGenerator<Picture> {
  const size = `scale=w='min(iw,${longSide})':h='min(ih,${longSide})':force_original_aspect_ratio=decrease`;
  const program = ffmpegProgram();
  const child = spawn(
    program,
    [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-ss', String(start), '-i', path],
      ...['-vf', size, '-frames:v', String(frames), '-f', 'image2pipe', '-c:v', 'ppm', '-'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    complaint = `${complaint}${part}`.slice(-2000);
  });
  const ended = once(child, 'close').catch((error: Error) => error);
  let count = 0;
  try {
    for await (const frame of picturesOf(child.stdout)) {
      count++;
      yield frame;
    }
    const failure = await ended;
    if (failure instanceof Error)
      throw new FileError(
        `A video needs ffmpeg, and ${program} cannot be run; install it (for instance apt-get install ffmpeg).`,
      );
    const words = complaint.trim().split('\n').at(-1) ?? '';
    if (count === 0) throw new ImageError(expected(`a video in ${path}`, words === '' ? 'no frames' : words));
  } finally {
    child.kill();
  }
}

async function* picturesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Picture> {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = LONGEST_HEAD;
  for await (const part of stream) {
    parts.push(part);
    held += part.length;
    while (held >= wanted) {
      const all = Buffer.concat(parts);
      const [head = '', width = '', height = ''] = HEAD.exec(all.toString('latin1', 0, LONGEST_HEAD)) ?? [];
      const bytes = head.length + 3 * Number(width) * Number(height);
      if (head === '') throw new ImageError(expected('frames from ffmpeg', 'something else'));
      wanted = Math.max(LONGEST_HEAD, bytes);
      parts = [all];
      if (all.length < bytes) break;
      yield {
        pixels: new Uint8Array(all.subarray(head.length, bytes)),
        width: Number(width),
        height: Number(height),
      };
      parts = [all.subarray(bytes)];
      held -= bytes;
      wanted = LONGEST_HEAD;
    }
  }
}
