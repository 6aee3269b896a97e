import type { FfmpegAbilities } from '../data/ffmpeg-abilities.ts';
import { STANDARD } from '../data/photo/source.ts';
import {
  encodeArguments,
  hasQuality,
  isWholeColour,
  type Preset,
  requireEncoder,
} from '../data/video/codecs.ts';
import { colourTags, isHdr } from '../data/video/colour.ts';
import { type DecodeOptions, decodedTimeBase, inputArguments } from '../data/video/decode-arguments.ts';
import { quotient, type Rational, toNanoseconds, type VideoFacts } from '../data/video/facts.ts';
import type { VideoInput } from '../data/video/input.ts';
import { outputHoldsAlpha, type VideoOutput, withAlphaCodec } from '../data/video/output.ts';
import type { RawStream } from '../data/video/raw-matroska.ts';
import { type SidePlan, sidePlan, triedSidePlan } from '../data/video/side-streams.ts';
import { showsThrough } from '../data/video/transparency.ts';
import type { PictureSize } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** Which part of a video to paint, and how to write it. */
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
  /** Frames in all, if the file says. */
  readonly frames: number | undefined;
  /** The encoder's arguments, up to the file's name. */
  readonly encoding: readonly string[];
  /** Arguments that open the source for its side streams (sound, subtitles, chapters); none without any. */
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

/**
 * Plans a film, and lets ffmpeg try its side streams.
 *
 * @throws {ConfigError | FileError} the codec cannot be written as asked, or the film ends before its start.
 */
export async function planFilm(asked: FilmRequest, abilities: FfmpegAbilities): Promise<FilmPlan> {
  requireStart(asked);
  const { request, alpha, words } = await planAlpha(asked, abilities);
  const { input, facts, output, width, height, rate, start, duration, crf, preset } = request;
  const { codec } = output;
  const isOdd = width % 2 === 1 || height % 2 === 1;
  const encoder = requireEncoder(codec, abilities.encoders, request);
  const timeBase = decodedTimeBase(facts, rate);
  const speed = quotient(rate ?? facts.rate);
  const source = input.kind === 'file' ? inputArguments(input, { start, duration }) : [];
  const side = await planSide(request, source);
  const lasting = lastingOf(request);
  const usual = 1 / speed / quotient(timeBase);
  const toTicks = (seconds: number) => BigInt(Math.round(seconds / quotient(timeBase)));
  const aspect = rescaledAspect(facts, { width, height });
  return {
    ...request,
    abilities,
    decoding: { width, height, alpha, rate, start, duration },
    timeBase,
    stream: {
      ...{ width, height, alpha },
      frameDuration: toNanoseconds(BigInt(Math.max(1, Math.round(usual))), timeBase),
    },
    usual: BigInt(Math.max(1, Math.round(usual))),
    end: lasting === undefined || rate !== undefined ? undefined : toTicks(lasting),
    frames: framesOf(request, lasting, speed),
    encoding: encodeArguments(
      {
        ...{ codec, encoder, timeBase, pixelAspect: aspect, colour: colourTags(facts) },
        settings: { crf, preset, isOdd, alpha },
      },
      abilities,
    ),
    source,
    side,
    segment: Math.max(LEAST_SEGMENT, Math.min(MOST_SEGMENT, Math.round(SEGMENT_PIXELS / width / height))),
    words: [
      ...[...wordsOf(facts), ...words],
      ...(isWholeColour(codec, isOdd) ? [oddWord(request)] : []),
      ...[...side.words, ...streamWords(request)],
    ],
  };
}

/** @throws {ConfigError} no frame comes after the start. */
function requireStart({ facts, start = 0 }: FilmRequest): void {
  if (facts.end === undefined || start < facts.end) return;
  throw new ConfigError(
    expected(`a --start before the end of ${facts.name}, ${facts.end.toFixed(2)} s`, `${start} s`),
  );
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
function rescaledAspect({ pixelAspect, width, height }: VideoFacts, to: PictureSize): Rational {
  if (to.width === width && to.height === height) return pixelAspect;
  // Rounding a side to whole pixels is no reason to make them oblong.
  const aspect = (quotient(pixelAspect) * width * to.height) / (height * to.width);
  if (Math.abs(aspect - 1) * Math.max(to.width, to.height) < 2) return { num: 1, den: 1 };
  if (Math.abs(aspect / quotient(pixelAspect) - 1) * Math.max(to.width, to.height) < 2) return pixelAspect;
  return { num: Math.round(aspect * 1000), den: 1000 };
}

function wordsOf(facts: VideoFacts): string[] {
  const { colour, isInterlaced, notes = [] } = facts;
  return [
    ...notes,
    ...(isHdr(colour)
      ? [`HDR (${colour.transfer === 'smpte2084' ? 'PQ' : 'HLG'}) is brought to BT.709 with 8 bits.`]
      : []),
    ...(isInterlaced ? ['Interlaced frames are made whole.'] : []),
  ];
}

function oddWord({ width, height, output }: FilmRequest): string {
  return `${width}×${height} is odd: ${output.codec} keeps it with colour at full resolution (4:4:4), which some players do not show; --scale ${width + (width % 2)}x${height + (height % 2)} or --codec vp9 suits them.`;
}

/**
 * Side streams: of a file those that ffmpeg accepts; of a stream, which cannot be tried, its sound alone, which is copied to a file of
 * its own on the way, where there is one.
 */
async function planSide(request: FilmRequest, source: readonly string[]): Promise<SidePlan> {
  const { input, facts, output, audio } = request;
  const { container } = output;
  if (input.kind === 'file') return triedSidePlan(facts, { container, source, audio });
  if (input.kind !== 'stream' || output.path === STANDARD)
    return sidePlan({ others: [] }, container, 1, request);
  const sound = facts.others.filter(({ kind }) => kind === 'audio');
  const known = sound.filter(({ codec }) => codec !== 'unknown');
  const unknown = sound.filter(({ codec }) => codec === 'unknown');
  // In the file of their own they follow one another.
  const others = [...known.map((stream, index) => ({ ...stream, index })), ...unknown];
  const side = sidePlan({ others }, container, 1, request);
  return { ...side, streams: side.streams.map((place) => known[place]!.index) };
}

/** Which side streams of a stream are left out. */
function streamWords({ input, facts, output, audio }: FilmRequest): string[] {
  if (input.kind !== 'stream') return [];
  const has = (wanted: 'audio' | 'subtitle') => facts.others.some(({ kind }) => kind === wanted);
  const isSilent = audio && output.path === STANDARD && has('audio');
  return [
    ...(isSilent ? ['Sound is left out from a stream to standard output; --out with a file keeps it.'] : []),
    ...(has('subtitle') ? ['Subtitles are left out: they cannot be copied from a stream.'] : []),
  ];
}

interface AlphaPlan {
  /** With the codec that keeps alpha, unless another was chosen. */
  readonly request: FilmRequest;
  /** Whether painted frames have alpha. */
  readonly alpha: boolean;
  readonly words: readonly string[];
}

/** What is transparent stays so where the output can hold it. */
async function planAlpha(
  request: FilmRequest,
  { decoders }: Pick<FfmpegAbilities, 'decoders'>,
): Promise<AlphaPlan> {
  const { input, facts, output, crf } = request;
  const { colour, alphaDecoder } = facts;
  if (!colour.hasAlpha) return { request, alpha: false, words: [] };
  if (alphaDecoder !== undefined && !decoders.has(alphaDecoder)) {
    const opaque = { ...facts, colour: { ...colour, hasAlpha: false } };
    const word = `Alpha is dropped: this ffmpeg has no ${alphaDecoder}, which alone decodes it.`;
    return { request: { ...request, facts: opaque }, alpha: false, words: [word] };
  }
  const isHeld = outputHoldsAlpha(output);
  // Of a row with a place for alpha every picture keeps its own.
  const isSeen = (isHeld && input.kind === 'pictures') || (await showsThrough(input, facts));
  if (!isSeen) return { request, alpha: false, words: [] };
  const black = 'what is transparent becomes black';
  if (isHdr(colour)) return { request, alpha: false, words: [`Alpha of HDR is dropped: ${black}.`] };
  if (isHeld) return { request, alpha: true, words: [] };
  const other = output.isUsual ? withAlphaCodec(output) : undefined;
  if (other !== undefined && (crf === undefined || hasQuality(other.codec))) {
    const name = other.codec === 'prores' ? 'ProRes 4444' : other.codec.toUpperCase();
    const word = `Written as ${name}, which keeps alpha; --codec ${output.codec} writes ${output.codec} without.`;
    return { request: { ...request, output: other }, alpha: true, words: [word] };
  }
  const place =
    output.container === 'pictures' ? 'these pictures have' : `${output.codec} in ${output.container} has`;
  const word = `Alpha is dropped, as ${place} no place for it: ${black}. Kept by .webm, by .mov with --codec prores, and by PNG, WebP or TIFF pictures as name/%05d.png.`;
  return { request, alpha: false, words: [word] };
}
