import { ConfigError, expected, ImageError } from '../../errors.ts';
import { ffprobeProgram, lastWords, runTool } from '../ffmpeg.ts';
import type { SideStream, VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { parseRational, type Rational } from './rational.ts';
import { isOutsideList } from './self-contained.ts';

interface Stream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly pix_fmt?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly time_base?: string;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly nb_frames?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly field_order?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly disposition?: Readonly<Record<string, number>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly side_data_type?: string; readonly rotation?: number }[];
}

export interface Probe {
  readonly streams?: readonly Stream[];
  readonly chapters?: readonly unknown[];
  readonly format?: {
    readonly format_name?: string;
    readonly start_time?: string;
    readonly duration?: string;
  };
}

/** Pixels of a frame that are taken to be meant: cameras have 80 million. A decoder holds a dozen frames. */
const MOST_FRAME = 100e6;

/** ffprobe's, up to the options of the input. */
export const PROBING = ['-v', 'error', '-show_format', '-show_streams', '-show_chapters', '-of', 'json'];

/**
 * Asks ffprobe what a video is.
 *
 * @throws {ImageError} it cannot be read, or holds no video.
 */
export async function probeVideo(input: VideoInput): Promise<VideoFacts> {
  const { code, stdout, complaint } = await runTool(ffprobeProgram(), [
    ...PROBING,
    ...input.options,
    input.url,
  ]);
  if (code !== 0) {
    if (isOutsideList(complaint)) {
      throw new ImageError(
        expected(
          'a file that holds a film itself',
          `${input.name}, a playlist, a script or no film at all`,
          'name the film, or its address',
        ),
      );
    }
    const reason = lastWords(complaint).replace(`${input.url}: `, '');
    throw new ImageError(`${input.name} cannot be read as a video: ${reason}.`);
  }
  return factsOf(JSON.parse(stdout) as Probe, input.name);
}

/** @throws {ImageError} there is no video in it. */
export function factsOf({ streams = [], chapters = [], format = {} }: Probe, name: string): VideoFacts {
  const isCover = ({ disposition }: Stream) => disposition?.attached_pic === 1;
  const video = streams.find((one) => one.codec_type === 'video' && !isCover(one));
  if (video === undefined || !((video.width ?? 0) > 0 && (video.height ?? 0) > 0))
    throw new ImageError(expected(`a video in ${name}`, kinds(streams)));
  const { width, height } = video as { width: number; height: number };
  if (width * height > MOST_FRAME)
    throw new ImageError(
      expected(
        `at most ${MOST_FRAME.toLocaleString('en')} pixels a frame in ${name}`,
        `${width}×${height}`,
        'make it smaller with: ffmpeg -i in.mp4 -vf scale=3840:-2 out.mp4',
      ),
    );
  const timeBase = parseRational(video.time_base) ?? { num: 1, den: 90_000 };
  const rotation = rotationOf(video);
  const isTurned = rotation % 180 !== 0;
  const aspect = parseRational(video.sample_aspect_ratio) ?? { num: 1, den: 1 };
  const pixelFormat = video.pix_fmt ?? '';
  const seconds = positive(format.duration);
  const start = Number(format.start_time ?? 0) || 0;
  const lasts = positive(video.duration);
  return {
    name,
    format: format.format_name ?? '',
    codec: video.codec_name ?? '',
    pixelFormat,
    width: isTurned ? video.height! : video.width!,
    height: isTurned ? video.width! : video.height!,
    pixelAspect: isTurned ? { num: aspect.den, den: aspect.num } : aspect,
    rotation,
    timeBase,
    rate: rateOf(video),
    frames: positive(video.nb_frames),
    seconds,
    end: lasts === undefined ? seconds : Number(video.start_time ?? start) + lasts - start,
    isInterlaced: /^(tt|bb|tb|bt)$/.test(video.field_order ?? ''),
    colour: {
      range: known(video.color_range),
      matrix: known(video.color_space),
      primaries: known(video.color_primaries),
      transfer: known(video.color_transfer),
      isRgb: /^(pal8|gbr|rgb|bgr|argb|abgr|0rgb|0bgr|mono|gray)/.test(pixelFormat),
      hasAlpha: /^(pal8|rgba|bgra|argb|abgr|yuva|gbrap|ya)/.test(pixelFormat),
    },
    others: streams.filter((one) => one.index !== video.index).map(sideStream),
    chapters: chapters.length,
    stream: video.index,
  };
}

function rateOf({ avg_frame_rate, r_frame_rate }: Stream): Rational {
  return parseRational(avg_frame_rate) ?? parseRational(r_frame_rate) ?? { num: 25, den: 1 };
}

/** A quarter turn swaps the sides; of other angles ffmpeg keeps the frame's size. */
function rotationOf({ side_data_list = [], tags }: Stream): number {
  const matrix = side_data_list.find((one) => one.rotation !== undefined);
  const degrees = Math.round(matrix?.rotation ?? Number(tags?.rotate ?? 0));
  return (((Number.isFinite(degrees) ? degrees : 0) % 360) + 360) % 360;
}

function sideStream({ index, codec_type, codec_name = 'unknown', tags }: Stream): SideStream {
  const kind = (['audio', 'subtitle', 'video', 'attachment'] as const).find((one) => one === codec_type);
  return { index, kind: kind ?? 'data', codec: codec_name, language: tags?.language };
}

function kinds(streams: readonly Stream[]): string {
  if (streams.length === 0) return 'nothing';
  return streams.map(({ codec_type, codec_name }) => `${codec_type ?? 'data'} (${codec_name})`).join(', ');
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

function known(word: string | undefined): string | undefined {
  return word === undefined || word === 'unknown' || word === 'reserved' ? undefined : word;
}

/** @throws {ConfigError} a time that is none: seconds, m:s or h:m:s are. */
export function parseTime(text: string, option: string): number {
  const parts = text.trim().split(':');
  const isSound = parts.length <= 3 && parts.every((part) => /^\d+(\.\d+)?$/.test(part));
  const seconds = parts.reduce((sum, part) => 60 * sum + Number(part), 0);
  if (isSound && Number.isFinite(seconds)) return seconds;
  throw new ConfigError(expected(`a time for ${option}`, text, 'as 90, 12.5 or 1:30'));
}
