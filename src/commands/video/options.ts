/** Options of `video`, and what their values come to. */

import { PRESETS, type Preset, VIDEO_CODECS, type VideoCodec } from '../../data/video/codecs.ts';
import { parseRational, type Rational } from '../../data/video/rational.ts';
import type { PictureSize } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { DEFAULT_STEADY, STEADY_CHOICES, type SteadyChoice } from '../../video/steady/setting.ts';
import type { LookArguments } from '../shared/look-options.ts';

export interface VideoArguments extends LookArguments {
  readonly video: string;
  readonly style?: string | string[] | undefined;
  readonly blend?: string | undefined;
  readonly out?: string | undefined;
  readonly steady: SteadyChoice;
  readonly codec?: VideoCodec | undefined;
  readonly crf?: number | undefined;
  readonly preset: Preset;
  readonly scale?: string | undefined;
  readonly fps?: string | undefined;
  readonly start?: string | undefined;
  readonly duration?: string | undefined;
  readonly audio: boolean;
  readonly inputFormat?: string | undefined;
  readonly format?: 'mkv' | 'webm' | 'mp4' | 'mov' | undefined;
  readonly preview?: string | undefined;
  readonly precision: 'auto' | 'f32' | 'bf16';
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly verbose?: boolean | undefined;
}

export const videoOptions = {
  steady: {
    choices: STEADY_CHOICES,
    default: DEFAULT_STEADY,
    describe:
      'Against flicker: what was painted before stays where the film shows the same, moved as it moves',
  },
  codec: {
    choices: VIDEO_CODECS,
    describe: 'Codec to write',
    defaultDescription: 'h264; in .webm vp9',
  },
  crf: {
    type: 'number',
    describe: "Quality in the codec's own scale, lower is better and larger",
    defaultDescription: 'h264 20, hevc 24, vp9 30, av1 32',
  },
  preset: {
    choices: PRESETS,
    default: 'veryfast' as const,
    describe: 'Time that the encoder takes for small files',
  },
  scale: { type: 'string', describe: 'Size to paint and write: 0.5, 640x, x360 or 1280x720' },
  fps: {
    type: 'string',
    describe: 'Frames per second: others are dropped or shown twice; of pictures in a row, their rate',
    defaultDescription: "the video's own, each frame at its own time",
  },
  start: { type: 'string', describe: 'Where to begin, as 90, 12.5 or 1:30' },
  duration: { type: 'string', describe: 'How much to paint, as 90, 12.5 or 1:30' },
  audio: { type: 'boolean', default: true, describe: 'Copy the sound; --no-audio leaves it out' },
  'input-format': { type: 'string', describe: "ffmpeg's name of a device or format to read, as v4l2" },
  format: {
    choices: ['mkv', 'webm', 'mp4', 'mov'] as const,
    describe: 'Container for --out -',
    defaultDescription: 'mkv',
  },
  preview: {
    type: 'string',
    describe: 'First write some frames in all styles given onto one picture; without --out that is all',
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

/**
 * The size that a video is painted and written at. A side that is not named follows the other and is made even, as most
 * players want it.
 *
 * @throws {ConfigError} it is no size.
 */
export function scaledSize({ width, height }: PictureSize, scale: string | undefined): PictureSize {
  if (scale === undefined) return { width, height };
  const even = (side: number) => Math.max(2, 2 * Math.round(side / 2));
  const text = scale.trim();
  if (/^\d*\.?\d+$/.test(text) && Number(text) > 0 && Number(text) <= 16) {
    return { width: even(width * Number(text)), height: even(height * Number(text)) };
  }
  const [, wide = '', high = ''] = /^(|[1-9]\d*)x(|[1-9]\d*)$/.exec(text) ?? [];
  const [w, h] = [Number(wide), Number(high)];
  if (w > 0 && h > 0) return { width: w, height: h };
  if (w > 0) return { width: w, height: even((height * w) / width) };
  if (h > 0) return { width: even((width * h) / height), height: h };
  throw new ConfigError(expected('a size for --scale', scale, 'as 0.5, 640x, x360 or 1280x720'));
}

/** Frames per second as they are typed: 24, 23.976 or 30000/1001. @throws {ConfigError} no rate. */
export function parseRate(text: string): Rational {
  const fraction = parseRational(text.trim());
  if (fraction !== undefined && fraction.num / fraction.den <= 1000) return fraction;
  const value = /^\d*\.?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= 1000))
    throw new ConfigError(expected('frames per second for --fps', text, 'as 24, 23.976 or 30000/1001'));
  if (Number.isInteger(value)) return { num: value, den: 1 };
  // 23.976, 29.97 and 59.94 are names of 24, 30 and 60 times 1000/1001.
  const whole = Math.round(value * 1.001);
  if (Math.abs((whole * 1000) / 1001 - value) < 0.005) return { num: whole * 1000, den: 1001 };
  return { num: Math.round(value * 1000), den: 1000 };
}
