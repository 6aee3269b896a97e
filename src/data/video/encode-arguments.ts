import type { FfmpegAbilities } from '../ffmpeg.ts';
import { type CodecOptions, codecArguments, type StoredCodec } from './codecs.ts';
import type { Rational } from './rational.ts';

export interface VideoEncoding {
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
