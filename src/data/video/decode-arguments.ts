import type { PictureSize } from '../../picture.ts';
import { fileUrl } from '../ffmpeg.ts';
import type { FfmpegAbilities } from '../ffmpeg-abilities.ts';
import { isHdr, scaleInput, toneMapping } from './colour.ts';
import { type Rational, showRational, uprightFilters, type VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';

/** What of a video is wanted, and how large. */
export interface DecodeOptions {
  readonly width: number;
  readonly height: number;
  /** Whether alpha is kept. Where it is not, black lies below what is transparent. Defaults to false. */
  readonly alpha?: boolean | undefined;
  /** Frames per second: frames are dropped or shown twice. As they come unless given. */
  readonly rate?: Rational | undefined;
  /** Seconds from the beginning that are skipped, and seconds that are taken. */
  readonly start?: number | undefined;
  readonly duration?: number | undefined;
  /** Seeks instead of decoding from the beginning. Not together with both `rate` and `duration`. */
  readonly seek?: Seek | undefined;
  /** Not all frames have their pixels. For an ffmpeg that `notesFrames`. */
  readonly looked?: LookedAt | undefined;
  /** Frames after which it ends. */
  readonly most?: number | undefined;
  /** A file that sound is copied to on the way, where the video can be read once only, and the streams that go there. */
  readonly sound?: { readonly path: string; readonly streams: readonly number[] } | undefined;
}

/**
 * Which frames have their pixels, of every so many: the first, and the last few. Of the others it is known that they are there, and when: it
 * saves all but decoding. Counted anew where frames change their size or format.
 */
export interface LookedAt {
  readonly every: number;
  readonly last: number;
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

/** The key among the notes of a frame that is not of the film's size. */
export const OTHER_SIZE = 'other_size';
/** The key among the notes of a frame that comes with its pixels, where not all do. */
export const HAS_PIXELS = 'has_pixels';
/** The key of a frame's last note. */
export const LAST_NOTE = 'n';

/**
 * Arguments that make ffmpeg write frames to its standard output, RGB or RGBA of 8 bit, upright, one after the other, and lines with
 * each one's time and notes to descriptor 3 (`frame:0 pts:512 pts_time:0.04`). No frame is made up or left out unless a rate is
 * asked for; one that is not of the film's size is fitted into it, with its aspect. With `looked`, lines are there for all frames.
 */
export function decodeArguments(
  facts: VideoFacts,
  input: Pick<VideoInput, 'options' | 'url'>,
  abilities: Pick<FfmpegAbilities, 'filters' | 'passTimes' | 'decoders' | 'notesFrames'>,
  options: DecodeOptions,
): readonly string[] {
  const { width, height, alpha = false, rate, seek, most, looked } = options;
  const { num, den } = decodedTimeBase(facts, rate);
  const chain = [
    ...(seek === undefined ? [] : soughtFilters(facts, seek, options)),
    ...(facts.isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    ...uprightFilters(facts.orientation),
    ...(rate === undefined ? [] : [`fps=${showRational(rate)}`]),
    `settb=${num}/${den}`,
    ...(seek === undefined ? [] : [`select=gte(pts\\,${seek.first})`]),
    ...(abilities.notesFrames ? [sizeNote(facts)] : []),
    ...(looked === undefined ? [] : [pixelsNote(looked), ...PRINTED, `select=${isLookedAt(looked)}`]),
    ...toneMapping(facts, abilities.filters),
    `scale=${[...fitted(facts, options), ...inputOf(facts), 'flags=bicubic+accurate_rnd+full_chroma_int'].join(':')}`,
    ...(facts.colour.hasAlpha && !alpha ? ['format=gbrap', 'premultiply=inplace=1'] : []),
    `format=${alpha ? 'rgba' : 'rgb24'}`,
    `pad=w=${width}:h=${height}:x=(ow-iw)/2:y=(oh-ih)/2:color=black@0`,
    ...(looked === undefined ? PRINTED : []),
  ];
  const { alphaDecoder, stream } = facts;
  const hasDecoder = alphaDecoder !== undefined && abilities.decoders.has(alphaDecoder);
  return [
    ...['-nostdin', '-loglevel', 'repeat+level+warning'],
    ...(hasDecoder ? [`-c:${stream}`, alphaDecoder] : []),
    // Some ffmpegs see how the file is turned, some how each frame is; all are turned as the first one, by the filters.
    '-noautorotate',
    ...(seek === undefined ? inputArguments(input, options) : soughtInput(facts, input, seek, options.start)),
    ...['-map', `0:${stream}`, '-vf', chain.join(','), ...abilities.passTimes],
    ...(most === undefined ? [] : ['-frames:v', String(most)]),
    ...['-f', 'rawvideo', 'pipe:1'],
    ...soundArguments(options),
  ];
}

function soundArguments({ sound }: DecodeOptions): readonly string[] {
  if (sound === undefined) return [];
  const streams = sound.streams.flatMap((index) => ['-map', `0:${index}`]);
  return [...streams, '-c:a', 'copy', '-f', 'matroska', '-y', fileUrl(sound.path)];
}

/** HDR is RGB by now. */
function inputOf(facts: VideoFacts): readonly string[] {
  return isHdr(facts.colour) ? [] : scaleInput(facts);
}

/** Notes a frame that has another size than the first. */
function sizeNote({ width, height }: VideoFacts): string {
  return `metadata=mode=add:key=${OTHER_SIZE}:value=1:enable=not(eq(w\\,${width})*eq(h\\,${height}))`;
}

/** What prints frames' times and notes. */
const PRINTED = [
  // Frames without notes are skipped silently.
  `metadata=mode=add:key=${LAST_NOTE}:value=1`,
  'metadata=mode=print:file=pipe\\\\:3:direct=1',
];

/** Whether a frame has its pixels, to a filter. */
const isLookedAt = ({ every, last }: LookedAt) => `lte(mod(n+${last}\\,${every})\\,${last})`;

/** Notes a frame that is not left out: whoever counts frames himself would not know when the filter begins anew. */
const pixelsNote = (looked: LookedAt) =>
  `metadata=mode=add:key=${HAS_PIXELS}:value=1:enable=${isLookedAt(looked)}`;

/** The size that a frame is scaled to: the film's, or of another aspect what fits into it. */
function fitted(film: VideoFacts, to: PictureSize): readonly [string, string] {
  const { width, height, pixelAspect } = film;
  const wider = `iw*sar/ih*${height * pixelAspect.den}/${width * pixelAspect.num}`;
  // Rounding is no reason to leave a line black; a change of the pixels' aspect alone is mostly an error of the file's.
  const isSame = `eq(iw\\,${width})*eq(ih\\,${height})`;
  const side = (whole: number, share: string) =>
    `if(${isSame}\\,${whole}\\,max(1\\,round(${whole}*min(1\\,${share}))))`;
  return [`w=${side(to.width, wider)}`, `h=${side(to.height, `1/(${wider})`)}`];
}

/**
 * Decoding from the midst of a video, with the times that a decoding from the beginning gives. ffmpeg makes times begin where it seeks
 * to; left to itself it also closes gaps in broadcasts, for which it has to see times that begin near zero. So they are
 * put right after it, by whole ticks.
 */

export interface Seek {
  /** Where to look for a keyframe, seconds: some way before `first`, as not all containers find the last one before. */
  readonly seconds: number;
  /** When the first frame wanted is shown, in ticks of the decoded time base. */
  readonly first: bigint;
  /** When the first frame of all is, in ticks of the video's time base: from there a duration counts. */
  readonly origin: bigint;
}

/** Arguments that open a video at a keyframe. @param start seconds that are not wanted at all. */
function soughtInput(
  { timeBase }: Pick<VideoFacts, 'timeBase'>,
  { options, url }: Pick<VideoInput, 'options' | 'url'>,
  { seconds }: Seek,
  start = 0,
): readonly string[] {
  const from = (micros(start) + wholeTicks(seconds, timeBase).micros) / 1e6;
  return ['-noaccurate_seek', '-ss', from.toFixed(6), ...options, '-i', url];
}

/** Filters that come first: times as from the beginning, and the end where there is one. */
function soughtFilters(
  { timeBase }: Pick<VideoFacts, 'timeBase'>,
  { seconds, origin }: Seek,
  { duration }: { readonly duration?: number | undefined },
): readonly string[] {
  const { num, den } = timeBase;
  const times = `setpts=PTS+${wholeTicks(seconds, timeBase).ticks}`;
  if (duration === undefined) return [times];
  // What `-t` would do, which counts from the first frame that is decoded: that is another one here.
  const lasting = BigInt(Math.round((micros(duration) * den) / num / 1e6));
  return [times, `trim=end_pts=${origin + lasting}`];
}

/** The last time up to `seconds` that is whole in ticks as well as in microseconds, in which ffmpeg seeks: nothing is rounded. */
function wholeTicks(
  seconds: number,
  { num, den }: Rational,
): { readonly ticks: number; readonly micros: number } {
  const step = den / greatestCommonDivisor(den, num * 1e6);
  const ticks = Math.floor((seconds * den) / num / step) * step;
  return { ticks, micros: Math.round((ticks / den) * num * 1e6) };
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);

/** As ffmpeg reads seconds: what is below a microsecond is cut off. */
const micros = (seconds: number) => Math.trunc(Number((seconds * 1e6).toFixed(3)));
