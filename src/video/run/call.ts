/** What the command line or the library ask of `video`, and its values, checked. Loads nothing heavy. */
import { PRESETS, VIDEO_CODECS, WORST_CRF } from '../../data/video/codecs.ts';
import { parseRational, type Rational } from '../../data/video/facts.ts';
import type { PipedBytes } from '../../data/video/standard-input.ts';
import type { LookCall } from '../../paint/open-look.ts';
import { LOOK_SETTINGS, PRECISION_ROW } from '../../paint/stylize-settings.ts';
import type { PictureSize } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import {
  choiceSetting,
  ownSetting,
  switchSetting,
  textSetting,
  textsSetting,
  wholeSetting,
} from '../../system/setting-kinds.ts';
import type { CallValues } from '../../system/settings.ts';
import { DEFAULT_STEADY, STEADY_CHOICES } from '../steady/setting.ts';

/** The options of `fast-style video`; docs/video.md says what each does. */
export const VIDEO_SETTINGS = {
  video: textSetting({
    default: undefined,
    required: 'a video',
    describe:
      "A video, a GIF, an animated WebP, pictures such as in/%04d.png or 'in/*.png', an address; - is standard input",
  }),
  /** Name of a style or a .safetensors file; of several in one file, file:style. For a preview alone several. */
  style: textsSetting({
    default: undefined,
    isRepeated: true,
    alias: 's',
    describe:
      'Name of a style or a .safetensors file; file:style for one of several. Repeat with --preview alone',
  }),
  /** Mix styles of one architecture, as `wave:0.7,scream:0.3`; over time as `wave@0s,scream@10s`. */
  blend: textSetting({
    default: undefined,
    describe: 'Mix styles of one architecture, such as wave:0.7,scream:0.3; over time, wave@0s,scream@10s',
  }),
  /** The film: .mp4, .mov, .mkv, .webm, .gif, or pictures as `out/%05d.png`. */
  out: textSetting({
    default: undefined,
    alias: 'o',
    describe:
      'File to write (.mp4, .mov, .mkv, .webm, .gif), pictures such as out/%05d.png, or - for standard output',
  }),
  /** Against flicker. Defaults to `strong`. */
  steady: choiceSetting(STEADY_CHOICES, {
    default: DEFAULT_STEADY,
    describe: 'Reduce flicker: keep what was painted where the film shows the same',
  }),
  codec: choiceSetting(VIDEO_CODECS, {
    default: undefined,
    describe: 'Codec to write',
    defaultDescription: 'h264; in .webm vp9',
  }),
  /** Quality in the codec's own scale; lower is better and larger. Each codec has its own bound. */
  crf: wholeSetting([0, WORST_CRF], {
    default: undefined,
    describe: "Quality in the codec's own scale; lower is better and larger",
    defaultDescription: 'h264 20, hevc 24, vp9 30, av1 32',
  }),
  /** Time that the encoder takes for small files. Defaults to `veryfast`. */
  preset: choiceSetting(PRESETS, {
    default: 'veryfast',
    describe: 'Encoding speed; slower makes smaller files',
  }),
  /** Size to paint and write: 0.5, `640x`, `x360` or `1280x720`. */
  scale: ownSetting(numberOrText, {
    default: undefined,
    describe: 'Size to paint and write: 0.5, 640x, x360 or 1280x720',
  }),
  /** Frames per second; of pictures in a row, their rate. */
  fps: ownSetting(numberOrText, {
    default: undefined,
    describe: 'Frames per second; for image sequences, their rate',
    defaultDescription: "the video's own, with each frame's time",
  }),
  /** Where to begin: seconds, or as `1:30`. */
  start: ownSetting(numberOrText, {
    default: undefined,
    describe: 'Where to begin, such as 90, 12.5 or 1:30',
  }),
  /** How much to paint: seconds, or as `1:30`. */
  duration: ownSetting(numberOrText, {
    default: undefined,
    describe: 'How much to paint, such as 90, 12.5 or 1:30',
  }),
  /** Copy the sound. Defaults to true. */
  audio: switchSetting({ default: true, describe: 'Copy the sound; --no-audio leaves it out' }),
  /** ffmpeg's name of a device or format to read, as `v4l2`. */
  inputFormat: textSetting({
    default: undefined,
    describe: "ffmpeg's name of a device or format to read, such as v4l2",
  }),
  format: choiceSetting(['mkv', 'webm', 'mp4', 'mov'], {
    default: undefined,
    describe: 'Container for --out -',
    defaultDescription: 'mkv',
  }),
  /** A picture on which to show some frames first. */
  preview: textSetting({
    default: undefined,
    describe: 'First paint some frames in all given styles onto one sheet',
  }),
  precision: PRECISION_ROW,
  overwrite: switchSetting({ default: false, describe: 'Replace an existing file' }),
  ...LOOK_SETTINGS,
} as const;

/** By the names of the options of `fast-style video` in camelCase. */
export interface VideoCall extends Omit<CallValues<typeof VIDEO_SETTINGS>, 'video' | 'mask'>, LookCall {
  /** A file, pictures in a row, an address, `-` for standard input; or bytes as they come. */
  readonly video: string | PipedBytes;
}

/** What is read where it is used. */
function numberOrText(value: unknown, name: string): number | string | undefined {
  if (value === undefined || typeof value === 'number' || (typeof value === 'string' && value !== ''))
    return value;
  throw new ConfigError(expected(`a number or a text for ${name}`, value));
}

/** @throws {ConfigError} options that exclude each other, or none that asks for anything. */
export function refuseOddPairs({ out, preview, style: styles = [], blend }: VideoCall): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  if (out === undefined && preview === undefined) refuse('a file for --out', 'none', 'as --out painted.mp4');
  if (styles.length > 1 && blend !== undefined) refuse('one --style with --blend', styles.length);
  if (styles.length > 1 && out !== undefined)
    refuse('one --style with --out', styles.length, 'omit --out for --preview alone');
}

/**
 * The size that a video is painted and written at. A side that is not named follows the other and is made even, as most
 * players want it.
 *
 * @throws {ConfigError} it is no size.
 */
export function scaledSize({ width, height }: PictureSize, scale: VideoCall['scale']): PictureSize {
  if (scale === undefined) return { width, height };
  const even = (side: number) => Math.max(2, 2 * Math.round(side / 2));
  const text = String(scale).trim();
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

/** Frames per second as typed: 24, 23.976 or 30000/1001. @throws {ConfigError} no rate. */
export function parseRate(given: number | string): Rational {
  const text = String(given);
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
