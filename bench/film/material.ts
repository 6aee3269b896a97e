/** The film that is painted where films are measured. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ffmpegProgram, runTool } from '../../src/data/ffmpeg.ts';

const PHOTO = fileURLToPath(new URL('../../samples/valley.jpg', import.meta.url));
/** Standard deviation of the noise that a sensor would add, in grey levels. */
const NOISE = 3;
/** Frames per second. */
const RATE = 25;

/**
 * Makes a film of a camera that moves over a sample photo, with noise as a sensor adds it, in H.264.
 *
 * @param size as `640x360`. @returns its path.
 */
export async function makeClip(folder: string, size: string, frames: number): Promise<string> {
  const to = join(folder, 'clip.mp4');
  const [width, height] = size.split('x');
  const pan = [
    `scale=${Math.round(1.25 * Number(width))}:-2`,
    `crop=${width}:${height}:'(iw-ow)*n/${frames}':'(ih-oh)/2*(1+sin(n/40))'`,
    `noise=alls=${NOISE}:allf=t`,
  ];
  const made = await runTool(ffmpegProgram(), [
    ...['-v', 'error', '-y', '-loop', '1', '-framerate', String(RATE), '-i', PHOTO],
    ...['-vf', pan.join(','), '-frames:v', String(frames), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', to],
  ]);
  if (made.code !== 0) throw new Error(`ffmpeg cannot make the clip: ${made.complaint}`);
  return to;
}
