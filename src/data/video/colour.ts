/** Colours on their way from a video to RGB and back. */
import { expected, FileError } from '../../system/errors.ts';
import type { VideoColour, VideoFacts } from './facts.ts';

/** Whether a video's light goes beyond what eight bits show: PQ (SMPTE ST 2084) or HLG (ARIB STD-B67). */
export function isHdr({ transfer }: VideoColour): boolean {
  return transfer === 'smpte2084' || transfer === 'arib-std-b67';
}

/** swscale's words for ffprobe's. */
const MATRICES: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470bg',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

/**
 * What the scale filter is given about its input. Where a file does not say its matrix, players go by size: BT.709 from 720 lines
 * or 1280 columns on, BT.601 below; swscale alone would take 601 always.
 */
export function scaleInput({ colour, width, height, pixelFormat }: VideoFacts): readonly string[] {
  if (colour.isRgb) return [];
  const isLarge = Math.max(width, height) >= 1280 || Math.min(width, height) >= 720;
  const matrix = MATRICES[colour.matrix ?? ''] ?? (isLarge ? 'bt709' : 'smpte170m');
  const range = colour.range === 'pc' || pixelFormat.startsWith('yuvj') ? 'pc' : 'tv';
  return [`in_color_matrix=${matrix}`, `in_range=${range}`];
}

/** White of ordinary pictures in HDR, cd/m²: ITU-R BT.2408-7, §2.1. */
const NOMINAL_WHITE = 203;

/**
 * Filters that bring HDR to BT.709 (Hable's curve, which keeps what is bright apart); empty where there is none.
 *
 * @throws {FileError} this ffmpeg has not got them.
 */
export function toneMapping({ colour, name }: VideoFacts, filters: ReadonlySet<string>): readonly string[] {
  if (!isHdr(colour)) return [];
  if (!filters.has('zscale') || !filters.has('tonemap')) {
    throw new FileError(
      expected(
        `an ffmpeg with the filters zscale and tonemap for ${name}, which is HDR`,
        'one without',
        'install another, or name one by FAST_STYLE_FFMPEG',
      ),
    );
  }
  const input = `tin=${colour.transfer}:pin=bt2020:min=bt2020nc:rin=${colour.range === 'pc' ? 'full' : 'limited'}`;
  return [
    `zscale=${input}:t=linear:npl=${NOMINAL_WHITE}`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=gbr:r=full',
    'format=gbrp',
  ];
}

/** Words of ffprobe that encoders take. Others are as good as none. */
const PRIMARIES = new Set([
  'bt709',
  'bt470m',
  'bt470bg',
  'smpte170m',
  'smpte240m',
  'bt2020',
  'smpte431',
  'smpte432',
]);
const TRANSFERS = new Set([
  'bt709',
  'gamma22',
  'gamma28',
  'smpte170m',
  'smpte240m',
  'iec61966-2-1',
  'bt2020-10',
  'bt2020-12',
]);

/**
 * What a painted video says of its colours: matrix BT.709, limited range; primaries and transfer as its source has them, as
 * its RGB values have passed unchanged between the two.
 */
export function colourTags({ colour }: Pick<VideoFacts, 'colour'>): readonly string[] {
  const isMapped = isHdr(colour);
  const named = (word: string | undefined, words: ReadonlySet<string>, fallback: string) =>
    !isMapped && word !== undefined && words.has(word) ? word : fallback;
  const primaries = named(colour.primaries, PRIMARIES, 'bt709');
  const transfer = named(colour.transfer, TRANSFERS, colour.isRgb ? 'iec61966-2-1' : 'bt709');
  return [
    ...['-colorspace', 'bt709', '-color_range', 'tv'],
    ...['-color_primaries', primaries, '-color_trc', transfer],
  ];
}
