import { ConfigError, expected, FileError } from '../../system/errors.ts';
import { ffmpegProgram } from '../ffmpeg.ts';
import type { FfmpegAbilities } from '../ffmpeg-abilities.ts';
import type { Rational } from './facts.ts';

export const VIDEO_CODECS = ['h264', 'hevc', 'vp9', 'av1', 'prores'] as const;
export type VideoCodec = (typeof VIDEO_CODECS)[number];
/** `lossless` holds frames until a GIF or pictures are made of them. */
export type StoredCodec = VideoCodec | 'lossless';

/** How much time an encoder takes for small files, in x264's words for all of them. */
export const PRESETS = [
  ...(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast'] as const),
  ...(['medium', 'slow', 'slower', 'veryslow'] as const),
] as const;
export type Preset = (typeof PRESETS)[number];

export interface CodecOptions {
  /** Quality in the encoder's own scale, lower is better; its default unless given. */
  readonly crf?: number | undefined;
  readonly preset: Preset;
  readonly isOdd: boolean;
  /** Whether frames have alpha; only for codecs that hold it. */
  readonly alpha: boolean;
}

interface Codec {
  /** ffmpeg's encoders for it, best first. */
  readonly encoders: readonly string[];
  /** Highest crf; undefined where it has none. */
  readonly worst?: number;
  /** Container of a segment, and of one with alpha; without the second the codec holds none. */
  readonly segment: 'mp4' | 'mov' | 'mkv';
  readonly alphaSegment?: 'mov' | 'mkv';
  readonly pixels: (options: CodecOptions) => string;
  readonly args: (encoder: string, options: CodecOptions) => readonly string[];
}

/** Of 4:2:0, H.264 and HEVC have even sizes only; in 4:4:4 any. */
const evenOrWhole = ({ isOdd }: CodecOptions) => (isOdd ? 'yuv444p' : 'yuv420p');

/**
 * Frames that x264 encodes at a time; x265, which divides each one too, takes half. On these the bytes depend, and left to itself an encoder
 * takes as many as there are processors: a film would be another on each machine.
 */
const FRAMES_AT_ONCE = 8;

const CODECS: Readonly<Record<StoredCodec, Codec>> = {
  h264: {
    encoders: ['libx264'],
    worst: 51,
    segment: 'mp4',
    pixels: evenOrWhole,
    args: (_, { crf = 20, preset }) => ['-preset', preset, '-crf', `${crf}`, '-threads', `${FRAMES_AT_ONCE}`],
  },
  hevc: {
    encoders: ['libx265'],
    worst: 51,
    segment: 'mp4',
    pixels: evenOrWhole,
    // Apple's players take hvc1 only.
    args: (_, { crf = 24, preset }) => [
      ...['-preset', preset, '-crf', `${crf}`, '-tag:v', 'hvc1'],
      ...['-x265-params', `log-level=error:frame-threads=${FRAMES_AT_ONCE / 2}`],
    ],
  },
  vp9: {
    encoders: ['libvpx-vp9'],
    worst: 63,
    segment: 'mp4',
    // Matroska alone has a place for alpha with a frame.
    alphaSegment: 'mkv',
    pixels: ({ alpha }) => (alpha ? 'yuva420p' : 'yuv420p'),
    args: (_, { crf = 30, preset, alpha }) => [
      // libvpx refuses to hide frames from the alpha of others.
      ...(alpha ? ['-auto-alt-ref', '0'] : []),
      ...['-crf', `${crf}`, '-b:v', '0', '-row-mt', '1', '-deadline', 'good'],
      ...['-cpu-used', `${Math.min(5, effort(preset, 0, 8))}`],
    ],
  },
  av1: {
    encoders: ['libsvtav1', 'libaom-av1'],
    worst: 63,
    segment: 'mp4',
    pixels: () => 'yuv420p',
    args: (encoder, { crf = 32, preset }) =>
      encoder === 'libsvtav1'
        ? ['-crf', `${crf}`, '-preset', `${effort(preset, 3, 11)}`]
        : ['-crf', `${crf}`, '-b:v', '0', '-cpu-used', `${effort(preset, 1, 8)}`, '-row-mt', '1'],
  },
  prores: {
    encoders: ['prores_ks', 'prores'],
    segment: 'mov',
    alphaSegment: 'mov',
    // ProRes 4444 holds alpha, 422 does not.
    pixels: ({ alpha }) => (alpha ? 'yuva444p10le' : 'yuv422p10le'),
    args: (encoder, { alpha }) => [
      ...['-profile:v', alpha ? '4' : '3', '-vendor', 'apl0'],
      ...(alpha && encoder === 'prores_ks' ? ['-alpha_bits', '16'] : []),
    ],
  },
  lossless: {
    encoders: ['ffv1'],
    segment: 'mkv',
    alphaSegment: 'mkv',
    pixels: ({ alpha }) => (alpha ? 'bgra' : 'bgr0'),
    args: () => ['-level', '3', '-slices', '4', '-g', '1'],
  },
};

/** Highest crf of any codec. */
export const WORST_CRF = Math.max(...Object.values(CODECS).map(({ worst = 0 }) => worst));

/** An encoder's number from `least` (veryslow) to `most` (ultrafast). */
function effort(preset: Preset, least: number, most: number): number {
  const share = 1 - PRESETS.indexOf(preset) / (PRESETS.length - 1);
  return Math.round(least + share * (most - least));
}

export interface RequiredQuality {
  readonly crf?: number | undefined;
  readonly width: number;
  readonly height: number;
}

/** Least side that libsvtav1 takes. */
const LEAST_SVT = 64;

/**
 * The encoder of this ffmpeg for a codec.
 *
 * @throws {FileError} it has none. {ConfigError} a quality that the codec does not know.
 */
export function requireEncoder(
  codec: StoredCodec,
  encoders: ReadonlySet<string>,
  { crf, width, height }: RequiredQuality,
): string {
  const { encoders: wanted, worst } = CODECS[codec];
  if (crf !== undefined) {
    if (worst === undefined)
      throw new ConfigError(expected(`no --crf with ${codec}, which has no such scale`, crf));
    if (!(Number.isInteger(crf) && crf >= 0 && crf <= worst))
      throw new ConfigError(expected(`a whole number from 0 to ${worst} for --crf with ${codec}`, crf));
  }
  const isTiny = Math.min(width, height) < LEAST_SVT;
  const encoder = wanted.find((name) => encoders.has(name) && !(isTiny && name === 'libsvtav1'));
  if (encoder !== undefined) return encoder;
  throw new FileError(
    expected(
      `an ffmpeg that writes ${codec} (${wanted.join(' or ')})`,
      `${ffmpegProgram()}, which does not`,
      'choose another --codec, or install another ffmpeg',
    ),
  );
}

/** What follows `-i`, up to the file: pixels, encoder, settings. */
export function codecArguments(
  codec: StoredCodec,
  encoder: string,
  options: CodecOptions,
): readonly string[] {
  const { pixels, args } = CODECS[codec];
  return ['-c:v', encoder, '-pix_fmt', pixels(options), ...args(encoder, options)];
}

/** Container that segments of a codec are kept in. @param alpha where the codec holds it. */
export function segmentFormat(codec: StoredCodec, alpha: boolean): 'mp4' | 'mov' | 'mkv' {
  const { segment, alphaSegment } = CODECS[codec];
  return alpha ? (alphaSegment ?? segment) : segment;
}

/** Whether frames of a codec can have alpha. */
export const codecHoldsAlpha = (codec: StoredCodec): boolean => CODECS[codec].alphaSegment !== undefined;

/** Whether a codec knows --crf. */
export const hasQuality = (codec: StoredCodec): boolean => CODECS[codec].worst !== undefined;

/** Whether the codec holds odd sizes only with colour at full resolution, which not all players show. */
export const isWholeColour = (codec: StoredCodec, isOdd: boolean): boolean =>
  isOdd && (codec === 'h264' || codec === 'hevc');

interface VideoEncoding {
  readonly codec: StoredCodec;
  readonly encoder: string;
  readonly settings: CodecOptions;
  /** Of the frames' times. */
  readonly timeBase: Rational;
  readonly pixelAspect: Rational;
  /** As `colourTags` makes them. */
  readonly colour: readonly string[];
}

/** Arguments that read a raw stream (`raw-matroska.ts`) from standard input: no look ahead, which would cost frames of memory. */
export const RAW_INPUT = [
  '-probesize',
  '32',
  '-analyzeduration',
  '0',
  '-f',
  'matroska',
  '-i',
  'pipe:0',
] as const;

/** Arguments that encode a raw stream, up to the file's name: every frame once, at its own time. */
export function encodeArguments(
  { codec, encoder, settings, timeBase, pixelAspect, colour }: VideoEncoding,
  { passTimes }: Pick<FfmpegAbilities, 'passTimes'>,
): readonly string[] {
  const aspect = `setsar=${pixelAspect.num}/${pixelAspect.den}`;
  const isRgb = codec === 'lossless';
  const toVideo = 'scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd';
  return [
    ...['-map', '0:v', '-vf', isRgb ? aspect : `${toVideo},${aspect}`, ...passTimes],
    ...['-enc_time_base', `1:${timeBase.den}`],
    ...codecArguments(codec, encoder, settings),
    ...(isRgb ? [] : colour),
  ];
}
