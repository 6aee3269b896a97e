/** ffprobe's words to what a film needs to know. */
import { expected, ImageError } from '../../system/errors.ts';
import type { SideStream, VideoFacts } from './facts.ts';
import { filmStream, isCover } from './film-stream.ts';
import { type Orientation, orientationOf, swapsSides, turned } from './orientation.ts';
import type { Probe, ProbedFrame, ProbedStream } from './probe.ts';
import { parseRational, type Rational } from './rational.ts';

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
  if (video === undefined || !(width > 0 && height > 0))
    throw new ImageError(expected(`a video in ${name}`, kinds(streams)));
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
