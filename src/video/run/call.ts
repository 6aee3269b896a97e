/** What the command line or the library ask of `video`, and its values, checked. Loads nothing heavy. */
import type { Preset, VideoCodec } from '../../data/video/codecs.ts';
import { parseRational, type Rational } from '../../data/video/facts.ts';
import type { PipedBytes } from '../../data/video/standard-input.ts';
import type { LookCall } from '../../paint/open-look.ts';
import type { PictureSize } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { SteadyChoice } from '../steady/setting.ts';

/** By the names of the options of `fast-style video` in camelCase; absent if not given. */
export interface VideoCall extends LookCall {
  /** A file, pictures in a row, an address, `-` for standard input; or bytes as they come. */
  readonly video: string | PipedBytes;
  readonly style?: string | readonly string[] | undefined;
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
}

/** @throws {ConfigError} options that exclude each other, or none that asks for anything. */
export function refuseOddPairs({ out, preview, style, blend }: VideoCall): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  const styles = style === undefined ? [] : [style].flat();
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

/** Frames per second as typed: 24, 23.976 or 30000/1001. @throws {ConfigError} no rate. */
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
