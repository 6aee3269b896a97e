import type { FfmpegAbilities } from '../ffmpeg.ts';
import { isHdr, scaleInput, toneMapping } from './colour.ts';
import type { VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { type Rational, showRational } from './rational.ts';
import { type Seek, soughtFilters, soughtInput } from './seek.ts';

/** What of a video is wanted, and how large. */
export interface DecodeOptions {
  readonly width: number;
  readonly height: number;
  /** Frames per second: frames are dropped or shown twice. As they come unless given. */
  readonly rate?: Rational | undefined;
  /** Seconds from the beginning that are passed over, and seconds that are taken. */
  readonly start?: number | undefined;
  readonly duration?: number | undefined;
  /** Frames of these that are passed over, too. Defaults to 0. */
  readonly skip?: number | undefined;
  /** Seeks instead of decoding from the beginning. Not together with `skip`, nor with both `rate` and `duration`. */
  readonly seek?: Seek | undefined;
  /** Frames after which it ends. */
  readonly most?: number | undefined;
  /** A file that the sound is copied to on the way, where the video can be read once only. */
  readonly soundFile?: string | undefined;
}

/** Time base of the frames decoded. */
export function decodedTimeBase({ timeBase }: VideoFacts, rate: Rational | undefined): Rational {
  return rate === undefined ? timeBase : { num: rate.den, den: rate.num };
}

/** What comes before the filters: where to read from. */
export function inputArguments(
  input: Pick<VideoInput, 'options' | 'url'>,
  { start, duration }: Pick<DecodeOptions, 'start' | 'duration'>,
): readonly string[] {
  return [
    ...(start === undefined ? [] : ['-ss', String(start)]),
    ...(duration === undefined ? [] : ['-t', String(duration)]),
    ...input.options,
    ...['-i', input.url],
  ];
}

/**
 * Arguments that make ffmpeg write frames to its standard output, RGB of 8 bit, upright, one after the other, and a line with
 * each one's time to descriptor 3 (`frame:0 pts:512 pts_time:0.04`). No frame is made up or left out unless a rate is asked for.
 */
export function decodeArguments(
  facts: VideoFacts,
  input: Pick<VideoInput, 'options' | 'url'>,
  { filters, passTimes }: Pick<FfmpegAbilities, 'filters' | 'passTimes'>,
  options: DecodeOptions,
): readonly string[] {
  const { width, height, rate, skip = 0, seek, most, soundFile } = options;
  const { num, den } = decodedTimeBase(facts, rate);
  const size = [`w=${width}`, `h=${height}`];
  const chain = [
    ...(seek === undefined ? [] : soughtFilters(facts, seek, options)),
    ...(facts.isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    ...(rate === undefined ? [] : [`fps=${showRational(rate)}`]),
    `settb=${num}/${den}`,
    ...(skip > 0 ? [`select=gte(n\\,${skip})`] : []),
    ...(seek === undefined ? [] : [`select=gte(pts\\,${seek.first})`]),
    ...toneMapping(facts, filters),
    `scale=${[...size, ...inputOf(facts), 'flags=bicubic+accurate_rnd+full_chroma_int'].join(':')}`,
    // Where something shines through, black lies below.
    ...(facts.colour.hasAlpha ? ['format=gbrap', 'premultiply=inplace=1'] : []),
    'format=rgb24',
    // Frames without notes are passed over in silence.
    'metadata=mode=add:key=n:value=1',
    'metadata=mode=print:file=pipe\\\\:3:direct=1',
  ];
  return [
    ...['-nostdin', '-loglevel', 'repeat+level+warning'],
    ...(seek === undefined ? inputArguments(input, options) : soughtInput(facts, input, seek, options.start)),
    ...['-map', `0:${facts.stream}`, '-vf', chain.join(','), ...passTimes],
    ...(most === undefined ? [] : ['-frames:v', String(most)]),
    ...['-f', 'rawvideo', 'pipe:1'],
    ...(soundFile === undefined ? [] : ['-map', '0:a', '-c:a', 'copy', '-f', 'matroska', '-y', soundFile]),
  ];
}

/** HDR is RGB by now. */
function inputOf(facts: VideoFacts): readonly string[] {
  return isHdr(facts.colour) ? [] : scaleInput(facts);
}
