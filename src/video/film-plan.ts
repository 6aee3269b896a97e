import type { FfmpegAbilities } from '../data/ffmpeg.ts';
import { STANDARD } from '../data/photo/source.ts';
import { isWholeColour, type Preset, requireEncoder } from '../data/video/codecs.ts';
import { colourTags, isHdr } from '../data/video/colour.ts';
import { type DecodeOptions, decodedTimeBase, inputArguments } from '../data/video/decode-arguments.ts';
import { encodeArguments } from '../data/video/encode-arguments.ts';
import type { VideoFacts } from '../data/video/facts.ts';
import type { VideoInput } from '../data/video/input.ts';
import type { VideoOutput } from '../data/video/output.ts';
import { quotient, type Rational, toNanoseconds } from '../data/video/rational.ts';
import type { RawStream } from '../data/video/raw-matroska.ts';
import { type SidePlan, sidePlan } from '../data/video/side-streams.ts';

/** What of a video is to be painted, and how it is to be written. */
export interface FilmRequest {
  readonly input: VideoInput;
  readonly facts: VideoFacts;
  readonly output: VideoOutput;
  readonly width: number;
  readonly height: number;
  readonly rate?: Rational | undefined;
  readonly start?: number | undefined;
  readonly duration?: number | undefined;
  readonly crf?: number | undefined;
  readonly preset: Preset;
  readonly audio: boolean;
}

/** The same worked out for ffmpeg. */
export interface FilmPlan extends FilmRequest {
  readonly abilities: FfmpegAbilities;
  readonly decoding: DecodeOptions;
  /** Of the painted frames' times. */
  readonly timeBase: Rational;
  readonly stream: RawStream;
  /** Ticks that a frame usually lasts. */
  readonly usual: bigint;
  /** Where the last frame ends, in ticks, if it is known. */
  readonly end: bigint | undefined;
  /** Frames in all, as far as the file tells. */
  readonly frames: number | undefined;
  /** The encoder's arguments, up to the file's name. */
  readonly encoding: readonly string[];
  /** Arguments that open the source for what comes along; none where nothing does. */
  readonly source: readonly string[];
  readonly side: SidePlan;
  /** Frames of a segment. */
  readonly segment: number;
  /** What is not as in the source, a line each. */
  readonly words: readonly string[];
}

/** Pixels that are painted again at most after a break. */
const SEGMENT_PIXELS = 120e6;
const [LEAST_SEGMENT, MOST_SEGMENT] = [24, 250];

/** @throws {ConfigError | FileError} the codec cannot be written as asked. */
export function planFilm(request: FilmRequest, abilities: FfmpegAbilities): FilmPlan {
  const { input, facts, output, width, height, rate, start, duration, crf, preset } = request;
  const { codec, container } = output;
  const isOdd = width % 2 === 1 || height % 2 === 1;
  const encoder = requireEncoder(codec, abilities.encoders, request);
  const timeBase = decodedTimeBase(facts, rate);
  const speed = quotient(rate ?? facts.rate);
  const side = sidePlan(sideFacts(request), container, 1, request);
  const lasting = lastingOf(request);
  const usual = 1 / speed / quotient(timeBase);
  const toTicks = (seconds: number) => BigInt(Math.round(seconds / quotient(timeBase)));
  const aspect = rescaledAspect(facts, { width, height });
  return {
    ...request,
    abilities,
    decoding: { width, height, rate, start, duration },
    timeBase,
    stream: { width, height, frameDuration: toNanoseconds(BigInt(Math.max(1, Math.round(usual))), timeBase) },
    usual: BigInt(Math.max(1, Math.round(usual))),
    end: lasting === undefined || rate !== undefined ? undefined : toTicks(lasting),
    frames: framesOf(request, lasting, speed),
    encoding: encodeArguments(
      {
        ...{ codec, encoder, timeBase, pixelAspect: aspect, colour: colourTags(facts) },
        settings: { crf, preset, isOdd },
      },
      abilities,
    ),
    source: input.kind === 'file' ? inputArguments(input, { start, duration }) : [],
    side,
    segment: Math.max(LEAST_SEGMENT, Math.min(MOST_SEGMENT, Math.round(SEGMENT_PIXELS / width / height))),
    words: [
      ...wordsOf(facts),
      ...(isWholeColour(codec, isOdd) ? [oddWord(request)] : []),
      ...[...side.words, ...streamWords(request)],
    ],
  };
}

/** What comes along: of a stream its sound alone, which is copied to a file of its own on the way, where there is one. */
function sideFacts({ input, facts, output }: FilmRequest): Pick<VideoFacts, 'others'> {
  if (input.kind === 'file') return facts;
  if (input.kind !== 'stream' || output.path === STANDARD) return { others: [] };
  const sound = facts.others.filter(({ kind }) => kind === 'audio');
  return { others: sound.map((stream, index) => ({ ...stream, index })) };
}

/** What of a stream does not come along. */
function streamWords({ input, facts, output, audio }: FilmRequest): string[] {
  if (input.kind !== 'stream') return [];
  const has = (wanted: 'audio' | 'subtitle') => facts.others.some(({ kind }) => kind === wanted);
  const isSilent = audio && output.path === STANDARD && has('audio');
  return [
    ...(isSilent ? ['Sound is left out from a stream to standard output; --out with a file keeps it.'] : []),
    ...(has('subtitle') ? ['Subtitles are left out: those of a stream do not come along.'] : []),
  ];
}

/** Where the part that is painted ends, seconds after its beginning. */
function lastingOf({ facts, start = 0, duration }: FilmRequest): number | undefined {
  const rest = facts.end === undefined ? undefined : Math.max(0, facts.end - start);
  if (duration === undefined) return rest;
  return rest === undefined ? duration : Math.min(rest, duration);
}

function framesOf(
  { facts, start, duration, rate, input }: FilmRequest,
  lasting: number | undefined,
  speed: number,
): number | undefined {
  if (start === undefined && duration === undefined && rate === undefined) {
    if (input.kind === 'pictures') return input.files.length;
    if (facts.frames !== undefined) return facts.frames;
  }
  return lasting === undefined ? undefined : Math.max(1, Math.round(lasting * speed));
}

/** Pixels' aspect at another size: the picture's stays. */
function rescaledAspect(
  { pixelAspect, width, height }: VideoFacts,
  to: { readonly width: number; readonly height: number },
): Rational {
  if (to.width === width && to.height === height) return pixelAspect;
  // Rounding a side to whole pixels is no reason to make them oblong.
  const aspect = (quotient(pixelAspect) * width * to.height) / (height * to.width);
  if (Math.abs(aspect - 1) * Math.max(to.width, to.height) < 2) return { num: 1, den: 1 };
  if (Math.abs(aspect / quotient(pixelAspect) - 1) * Math.max(to.width, to.height) < 2) return pixelAspect;
  return { num: Math.round(aspect * 1000), den: 1000 };
}

function wordsOf(facts: VideoFacts): string[] {
  const { colour, isInterlaced } = facts;
  return [
    ...(isHdr(colour)
      ? [`HDR (${colour.transfer === 'smpte2084' ? 'PQ' : 'HLG'}) is brought to BT.709 with 8 bits.`]
      : []),
    ...(isInterlaced ? ['Interlaced frames are made whole.'] : []),
    ...(/^(yuva|gbrap|rgba64|ya)/.test(facts.pixelFormat) ? ['What is transparent becomes black.'] : []),
  ];
}

function oddWord({ width, height, output }: FilmRequest): string {
  return `${width}×${height} is odd: ${output.codec} keeps it with colour at full resolution (4:4:4), which some players do not show; --scale ${width + (width % 2)}x${height + (height % 2)} or --codec vp9 suits them.`;
}
