/** Which of a file's streams is the film: there may also be a cover, thumbnails, a preview. */
import type { ProbedStream } from './probe.ts';

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
