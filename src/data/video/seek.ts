/**
 * Decoding from the midst of a video, with the times that a decoding from the beginning gives. ffmpeg makes times begin where it seeks
 * to; left to itself it also closes gaps in broadcasts, for which it has to see times that begin near zero. So they are
 * put right after it, by whole ticks.
 */
import type { VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import type { Rational } from './rational.ts';

export interface Seek {
  /** Where to look for a keyframe, seconds: some way before `first`, as not all containers find the last one before. */
  readonly seconds: number;
  /** When the first frame wanted is shown, in ticks of the decoded time base. */
  readonly first: bigint;
  /** When the first frame of all is, in ticks of the video's time base: from there a duration counts. */
  readonly origin: bigint;
}

/** Arguments that open a video at a keyframe. @param start seconds that are not wanted at all. */
export function soughtInput(
  { timeBase }: Pick<VideoFacts, 'timeBase'>,
  { options, url }: Pick<VideoInput, 'options' | 'url'>,
  { seconds }: Seek,
  start = 0,
): readonly string[] {
  const from = (micros(start) + wholeTicks(seconds, timeBase).micros) / 1e6;
  return ['-noaccurate_seek', '-ss', from.toFixed(6), ...options, '-i', url];
}

/** Filters that come first: times as from the beginning, and the end where there is one. */
export function soughtFilters(
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
