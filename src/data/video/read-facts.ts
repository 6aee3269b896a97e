/** ffprobe's words to what a film needs to know. */
import { expected, ImageError } from '../../system/errors.ts';
import {
  type Orientation,
  orientationOf,
  parseRational,
  type Rational,
  type SideData,
  type SideStream,
  swapsSides,
  turned,
  type VideoFacts,
} from './facts.ts';

export interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly codec_tag_string?: string;
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
  readonly side_data_list?: readonly SideData[];
}

/** A decoded frame. */
export interface ProbedFrame {
  readonly stream_index?: number;
  readonly width?: number;
  readonly height?: number;
  readonly side_data_list?: readonly SideData[];
}

export interface Probe {
  readonly streams?: readonly ProbedStream[];
  readonly frames?: readonly ProbedFrame[];
  readonly chapters?: readonly unknown[];
  readonly format?: {
    readonly format_name?: string;
    readonly start_time?: string;
    readonly duration?: string;
  };
}

/** Pixels of a frame that are taken to be meant: cameras have 80 million. A decoder holds a dozen frames. */
const MOST_FRAME = 100e6;

/** @throws {ImageError} more pixels than are taken to be meant: before any frame is decoded. */
export function requireFrameSize(
  { width = 0, height = 0 }: Pick<ProbedStream, 'width' | 'height'>,
  name: string,
): void {
  if (width * height > MOST_FRAME)
    throw new ImageError(
      expected(
        `at most ${MOST_FRAME.toLocaleString('en')} pixels a frame in ${name}`,
        `${width}×${height}`,
        'make it smaller with: ffmpeg -i in.mp4 -vf scale=3840:-2 out.mp4',
      ),
    );
}

/** @param frame the film's first, where it could be decoded. @throws {ImageError} there is no video in it, or its frames are too large. */
export function readFacts(
  { streams = [], chapters = [], format = {} }: Probe,
  frame: ProbedFrame | undefined,
  name: string,
): VideoFacts {
  const video = filmStream(streams);
  const width = frame?.width ?? video?.width ?? 0;
  const height = frame?.height ?? video?.height ?? 0;
  if (video === undefined) throw new ImageError(expected(`a video in ${name}`, kinds(streams)));
  if (!(width > 0 && height > 0))
    throw new ImageError(
      expected(
        `a video in ${name} whose frames can be decoded`,
        `${kinds([video])} whose size cannot be told`,
        'it is damaged: copy or download it again',
      ),
    );
  requireFrameSize({ width, height }, name);
  const timeBase = parseRational(video.time_base) ?? { num: 1, den: 90_000 };
  const orientation = orientationIn(video, frame);
  const isSwapped = swapsSides(orientation);
  const aspect = parseRational(video.sample_aspect_ratio) ?? { num: 1, den: 1 };
  const alphaDecoder = decoderOfAlpha(video);
  const pixelFormat = alphaDecoder === undefined ? (video.pix_fmt ?? '') : 'yuva420p';
  const seconds = positive(format.duration);
  const start = Number(format.start_time ?? 0) || 0;
  const lasts = positive(video.duration);
  return {
    name,
    format: format.format_name ?? '',
    codec: video.codec_name ?? '',
    pixelFormat,
    width: isSwapped ? height : width,
    height: isSwapped ? width : height,
    pixelAspect: isSwapped ? { num: aspect.den, den: aspect.num } : aspect,
    orientation,
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
    alphaDecoder,
    others: streams.filter((one) => one.index !== video.index).map(sideStream),
    chapters: chapters.length,
    stream: video.index,
  };
}

function rateOf({ avg_frame_rate, r_frame_rate }: ProbedStream): Rational {
  return parseRational(avg_frame_rate) ?? parseRational(r_frame_rate) ?? { num: 25, den: 1 };
}

/** A frame's own word counts before the file's. */
function orientationIn({ side_data_list, tags }: ProbedStream, frame: ProbedFrame | undefined): Orientation {
  const said = orientationOf(frame?.side_data_list) ?? orientationOf(side_data_list);
  return said ?? turned(Number(tags?.rotate ?? 0));
}

/** WebM keeps alpha as a second picture for each frame, which ffmpeg's own decoders skip. */
function decoderOfAlpha({ codec_name, tags = {} }: ProbedStream): string | undefined {
  if (tags.alpha_mode !== '1' && tags.ALPHA_MODE !== '1') return undefined;
  return codec_name === 'vp9' ? 'libvpx-vp9' : codec_name === 'vp8' ? 'libvpx' : undefined;
}

function sideStream(stream: ProbedStream): SideStream {
  const { index, codec_type, codec_tag_string = '', tags } = stream;
  const kind = (['audio', 'subtitle', 'video', 'attachment'] as const).find((one) => one === codec_type);
  const codec = known(stream.codec_name) ?? 'unknown';
  // What ffmpeg does not know has its name in the container all the same.
  const label = codec === 'unknown' && /^\w{3,4}$/.test(codec_tag_string) ? codec_tag_string : codec;
  return { index, kind: kind ?? 'data', codec, label, isCover: isCover(stream), language: tags?.language };
}

function kinds(streams: readonly ProbedStream[]): string {
  if (streams.length === 0) return 'nothing';
  return streams.map(({ codec_type, codec_name }) => `${codec_type ?? 'data'} (${codec_name})`).join(', ');
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}

function known(word: string | undefined): string | undefined {
  return word === undefined || word === 'unknown' || word === 'reserved' || word === 'none'
    ? undefined
    : word;
}

/** Kinds of pictures that are put into films as covers and previews. */
const PICTURE_CODEC = /^(mjpeg|png|apng|bmp|gif|webp|tiff|jpegxl)$/;

/**
 * The stream to paint: one that moves before one that is still, then the one of most pixels, as ffmpeg chooses; of equals the default, and
 * the first. ffmpeg prefers a default one to any of more pixels, but MP4 and Matroska call the first stream so, whatever it holds.
 *
 * @returns undefined where there is none but covers.
 */
export function filmStream(streams: readonly ProbedStream[]): ProbedStream | undefined {
  const films = streams.filter((one) => one.codec_type === 'video' && !isCover(one));
  const rank = (one: ProbedStream) => [
    isStill(one) ? 0 : 1,
    (one.width ?? 0) * (one.height ?? 0),
    one.disposition?.default ?? 0,
  ];
  return films.toSorted((a, b) => {
    const [first, second] = [rank(a), rank(b)];
    const unequal = first.findIndex((value, i) => value !== second[i]);
    return unequal < 0 ? 0 : second[unequal]! - first[unequal]!;
  })[0];
}

/** What players show in place of the film, not as it. */
export function isCover({ disposition = {} }: ProbedStream): boolean {
  return disposition.attached_pic === 1 || disposition.timed_thumbnails === 1;
}

function isStill({ disposition = {}, nb_frames, codec_name = '', ...stream }: ProbedStream): boolean {
  if (disposition.still_image === 1 || nb_frames === '1') return true;
  if (nb_frames !== undefined || !PICTURE_CODEC.test(codec_name)) return false;
  const [num = 0, den = 0] = (stream.avg_frame_rate ?? '').split('/').map(Number);
  const seconds = Number(stream.duration) || secondsOf(stream.tags?.DURATION);
  // Matroska does not count frames. A picture that lasts as long as one frame does is alone.
  return !(num > 0 && den > 0) || (seconds > 0 && (seconds * num) / den < 1.5);
}

/** `00:00:01.000000000`, as Matroska's tags have it; 0 for what is none. */
function secondsOf(text: string | undefined): number {
  const parts = /^(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '');
  return parts === null ? 0 : 3600 * Number(parts[1]) + 60 * Number(parts[2]) + Number(parts[3]);
}
