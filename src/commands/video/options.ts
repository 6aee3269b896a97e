/** Options of `video`. */
import { PRESETS, VIDEO_CODECS } from '../../data/video/codecs.ts';
import type { VideoCall } from '../../video/run/call.ts';
import { DEFAULT_STEADY, STEADY_CHOICES } from '../../video/steady/setting.ts';

export interface VideoArguments extends VideoCall {
  readonly video: string;
  readonly mask?: string | undefined;
  readonly json: boolean;
  readonly verbose?: boolean | undefined;
}

export const videoOptions = {
  steady: {
    choices: STEADY_CHOICES,
    default: DEFAULT_STEADY,
    describe: 'Reduce flicker: keep what was painted where the film shows the same',
  },
  codec: {
    choices: VIDEO_CODECS,
    describe: 'Codec to write',
    defaultDescription: 'h264; in .webm vp9',
  },
  crf: {
    type: 'number',
    describe: "Quality in the codec's own scale; lower is better and larger",
    defaultDescription: 'h264 20, hevc 24, vp9 30, av1 32',
  },
  preset: {
    choices: PRESETS,
    default: 'veryfast' as const,
    describe: 'Encoding speed; slower makes smaller files',
  },
  scale: { type: 'string', describe: 'Size to paint and write: 0.5, 640x, x360 or 1280x720' },
  fps: {
    type: 'string',
    describe: 'Frames per second; for image sequences, their rate',
    defaultDescription: "the video's own, with each frame's time",
  },
  start: { type: 'string', describe: 'Where to begin, such as 90, 12.5 or 1:30' },
  duration: { type: 'string', describe: 'How much to paint, such as 90, 12.5 or 1:30' },
  audio: { type: 'boolean', default: true, describe: 'Copy the sound; --no-audio leaves it out' },
  'input-format': { type: 'string', describe: "ffmpeg's name of a device or format to read, such as v4l2" },
  format: {
    choices: ['mkv', 'webm', 'mp4', 'mov'] as const,
    describe: 'Container for --out -',
    defaultDescription: 'mkv',
  },
  preview: {
    type: 'string',
    describe: 'First paint some frames in all given styles onto one sheet',
  },
  precision: {
    choices: ['auto', 'f32', 'bf16'] as const,
    default: 'auto' as const,
    describe: 'Arithmetic; auto measures once which is faster',
  },
  overwrite: { type: 'boolean', default: false, describe: 'Replace an existing file' },
  json: {
    type: 'boolean',
    default: false,
    describe: 'Report progress as a JSON object per line on standard output',
  },
} as const;
