import type { Picture } from '../picture.ts';

/** Flicker between two frames, where the film itself stands still. */
export interface StaticFlicker {
  /** Share of the pixels that stand still. */
  readonly share: number;
  /** Mean absolute difference of the painted frames there, grey levels. */
  readonly painted: number;
  /** The same of the film's own frames: what noise and compression put in. */
  readonly film: number;
}

/** Half the side of the square in which a pixel must stand still. */
const REACH = 2;

/**
 * Flicker of a painted film without a flow estimated: pixels stand still where the film's two frames differ, in the mean
 * over the 5×5 pixels around and three channels, by no more than `still` grey levels. What a steady style changes there is no more than
 * what the film changes.
 *
 * @param film two frames one after the other. @param painted the same two, painted. All of one size.
 * @param still grey levels. Defaults to 3: noise of a standard deviation of 2.6 in both frames.
 * @returns shares and means; both means are 0 where nothing stands still.
 * @throws {RangeError} the frames differ in size.
 */
export function staticFlicker(
  film: readonly [Picture, Picture],
  painted: readonly [Picture, Picture],
  still = 3,
): StaticFlicker {
  const [{ width, height }] = film;
  for (const frame of [...film, ...painted])
    if (frame.width !== width || frame.height !== height)
      throw new RangeError(`Expected frames of ${width}×${height}, got ${frame.width}×${frame.height}.`);
  const own = differences(film, width * height);
  const shown = differences(painted, width * height);
  let [count, ownSum, shownSum] = [0, 0, 0];
  for (let y = REACH; y < height - REACH; y++) {
    for (let x = REACH; x < width - REACH; x++) {
      let around = 0;
      for (let dy = -REACH; dy <= REACH; dy++)
        for (let dx = -REACH; dx <= REACH; dx++) around += own[(y + dy) * width + x + dx]!;
      if (around / (2 * REACH + 1) ** 2 > still) continue;
      count++;
      ownSum += own[y * width + x]!;
      shownSum += shown[y * width + x]!;
    }
  }
  const compared = Math.max(0, width - 2 * REACH) * Math.max(0, height - 2 * REACH);
  const mean = (sum: number) => (count === 0 ? 0 : sum / count);
  return { share: compared === 0 ? 0 : count / compared, painted: mean(shownSum), film: mean(ownSum) };
}

/** Mean absolute difference over the channels, per pixel. */
function differences([before, after]: readonly [Picture, Picture], count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, pixel) => {
    let sum = 0;
    for (let at = 3 * pixel; at < 3 * pixel + 3; at++)
      sum += Math.abs(after.pixels[at]! - before.pixels[at]!);
    return sum / 3;
  });
}
