/** Clips made by ffmpeg, and what ffprobe says of videos. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';

/** Why a test that needs ffmpeg is skipped; false where it is there. */
export const noFfmpeg: string | false =
  spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0
    ? false
    : 'there is no ffmpeg';

/** Runs ffmpeg. Answers its standard output. */
export function ffmpeg(...args: string[]): Buffer {
  return execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // SVT-AV1 would say much of what it does.
    env: { ...process.env, SVT_LOG: '1' },
  });
}

/** Options that make a moving picture the input. */
export function testPicture(seconds: number, size = '64x48', rate = '25'): string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`];
}

export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

export interface ProbedStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width: number;
  readonly height: number;
  readonly pix_fmt: string;
  readonly sample_aspect_ratio: string;
  readonly time_base: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly duration?: string;
  readonly tags?: Record<string, string>;
  readonly side_data_list?: unknown[];
}

export interface Probed {
  readonly streams: readonly ProbedStream[];
  readonly video: ProbedStream;
  readonly chapters: readonly { readonly start_time: string; readonly tags: { readonly title: string } }[];
  readonly seconds: number;
  readonly title: string | undefined;
}

export function probe(path: string): Probed {
  const text = execFileSync('ffprobe', [
    ...['-v', 'error', '-show_streams', '-show_format', '-show_chapters', '-of', 'json', path],
  ]).toString();
  const { streams, chapters, format } = JSON.parse(text);
  const video = streams.find((one: ProbedStream) => one.codec_type === 'video');
  assert.ok(video, `${path} has a video`);
  return { streams, video, chapters, seconds: Number(format.duration), title: format.tags?.title };
}

/** When frames are shown, in seconds, in their order. */
export function frameTimes(path: string): number[] {
  const text = execFileSync('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path],
  ]).toString();
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Number(line.replace(',', '')))
    .sort((a, b) => a - b);
}

/** The first frame as a player shows it, RGB. @param matrix what a player takes it for where the file says nothing. */
export function firstFrame(path: string, input = ''): Buffer {
  return ffmpeg(
    '-i',
    path,
    '-frames:v',
    '1',
    '-vf',
    `scale=${input}`,
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  );
}

/** Checksums of streams' packets: the same where streams have been copied. */
export function streamHash(path: string, stream: string): string {
  return ffmpeg('-i', path, '-map', `0:${stream}`, '-c', 'copy', '-f', 'hash', '-').toString().trim();
}
