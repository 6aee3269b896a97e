import type { PictureSize } from '../../picture.ts';
import { type FfmpegAbilities, fileUrl } from '../ffmpeg.ts';
import { isHdr, scaleInput, toneMapping } from './colour.ts';
import type { VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { uprightFilters } from './orientation.ts';
import { type Rational, showRational } from './rational.ts';
import { type Seek, soughtFilters, soughtInput } from './seek.ts';

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
  /** Frames after which it ends. */
  readonly most?: number | undefined;
  /** A file that sound is copied to on the way, where the video can be read once only, and the streams that go there. */
  readonly sound?: { readonly path: string; readonly streams: readonly number[] } | undefined;
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

/**
 * Arguments that make ffmpeg write frames to its standard output, RGB or RGBA of 8 bit, upright, one after the other, and lines with
 * each one's time and notes to descriptor 3 (`frame:0 pts:512 pts_time:0.04`). No frame is made up or left out unless a rate is
 * asked for; one that is not of the film's size is fitted into it, with its aspect.
 */
export function decodeArguments(
  facts: VideoFacts,
  input: Pick<VideoInput, 'options' | 'url'>,
  abilities: Pick<FfmpegAbilities, 'filters' | 'passTimes' | 'decoders' | 'notesFrames'>,
  options: DecodeOptions,
): readonly string[] {
  const { width, height, alpha = false, rate, seek, most } = options;
  const { num, den } = decodedTimeBase(facts, rate);
  const chain = [
    ...(seek === undefined ? [] : soughtFilters(facts, seek, options)),
    ...(facts.isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    ...uprightFilters(facts.orientation),
    ...(rate === undefined ? [] : [`fps=${showRational(rate)}`]),
    `settb=${num}/${den}`,
    ...(seek === undefined ? [] : [`select=gte(pts\\,${seek.first})`]),
    ...(abilities.notesFrames ? [sizeNote(facts)] : []),
    ...toneMapping(facts, abilities.filters),
    `scale=${[...fitted(facts, options), ...inputOf(facts), 'flags=bicubic+accurate_rnd+full_chroma_int'].join(':')}`,
    ...(facts.colour.hasAlpha && !alpha ? ['format=gbrap', 'premultiply=inplace=1'] : []),
    `format=${alpha ? 'rgba' : 'rgb24'}`,
    `pad=w=${width}:h=${height}:x=(ow-iw)/2:y=(oh-ih)/2:color=black@0`,
    // Frames without notes are skipped silently.
    'metadata=mode=add:key=n:value=1',
    'metadata=mode=print:file=pipe\\\\:3:direct=1',
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
