import { opticalFlow } from '../motion/optical-flow.ts';
import { type Pyramid, pyramid } from '../motion/pyramid.ts';
import { frameChange, isSceneCut } from '../motion/scene-cut.ts';
import { traceable } from '../motion/traceable.ts';
import type { Picture } from '../picture.ts';
import { localTexture } from './local-texture.ts';
import { staticFlicker } from './static-flicker.ts';
import { type Trace, warpingSquare } from './warping-error.ts';

/** How a film, or what is painted of it, changes from frame to frame. */
export interface FilmFlicker {
  /** Warping error e_stab to the frame before (`warpingSquare`), in [0, 1]. */
  readonly short: number;
  /** The same to the frame `LONG` before. */
  readonly long: number;
  /** Mean absolute difference to the frame before where the film stands still (`staticFlicker`), grey levels. */
  readonly still: number;
  /** Standard deviation of the frames' mean about its mean over 9 frames, grey levels: pumping of brightness. */
  readonly brightness: number;
  /** Root mean square about local means (`localTexture`), grey levels, mean over frames. */
  readonly texture: number;
}

/** Frames between those of a long-range pair. */
export const LONG = 10;
/** Share of the pixels that stand still below which there are none to speak of. */
const FAINTEST = 1e-6;
/** Frames to each side of one that its brightness is compared with. */
const AROUND = 4;

interface Seen {
  readonly frame: Picture;
  readonly pyramid: Pyramid;
  readonly versions: readonly Picture[];
}

interface Sums {
  short: number;
  long: number;
  still: number;
  texture: number;
  readonly means: number[];
}

/** Measures a film and paintings of it frame by frame, all by the film's own motion. */
export class FlickerMeter {
  readonly #frames: Seen[] = [];
  readonly #sums: Sums[] = [];
  readonly #pairs = { short: 0, long: 0, still: 0 };
  #count = 0;
  #cuts = 0;

  /** @param versions the frame itself or as painted, each of the film's size and always in the same order. */
  add(frame: Picture, versions: readonly Picture[]): void {
    const now: Seen = { frame, pyramid: pyramid(frame), versions };
    this.#count++;
    versions.forEach((version, i) => {
      this.#sums[i] ??= { short: 0, long: 0, still: 0, texture: 0, means: [] };
      this.#sums[i].texture += localTexture(version);
      this.#sums[i].means.push(version.pixels.reduce((sum, value) => sum + value, 0) / version.pixels.length);
    });
    const [last, first] = [this.#frames.at(-1), this.#frames.length === LONG ? this.#frames[0] : undefined];
    if (last !== undefined && !this.#compare('short', now, last)) {
      // Nothing is compared across a cut.
      this.#frames.length = 0;
      this.#cuts++;
    } else if (first !== undefined) this.#compare('long', now, first);
    this.#frames.push(now);
    if (this.#frames.length > LONG) this.#frames.shift();
  }

  /** Scenes that begin after the first frame. */
  get cuts(): number {
    return this.#cuts;
  }

  /** One per version; warping errors are 0 where there was no pair of frames. */
  results(): readonly FilmFlicker[] {
    const { short, long, still } = this.#pairs;
    return this.#sums.map((sum) => ({
      short: Math.sqrt(sum.short / Math.max(1, short)),
      long: Math.sqrt(sum.long / Math.max(1, long)),
      still: sum.still / Math.max(FAINTEST, still),
      brightness: pumping(sum.means),
      texture: sum.texture / Math.max(1, this.#count),
    }));
  }

  /** @returns false where a scene has begun between the two: nothing is counted then. */
  #compare(pair: 'short' | 'long', now: Seen, before: Seen): boolean {
    const flow = opticalFlow(now.pyramid, before.pyramid);
    if (isSceneCut(frameChange(now.pyramid, before.pyramid, flow))) return false;
    const trace: Trace = { flow, traceable: traceable(flow, opticalFlow(before.pyramid, now.pyramid)) };
    this.#pairs[pair]++;
    now.versions.forEach((version, i) => {
      const sum = this.#sums[i]!;
      sum[pair] += warpingSquare(version, before.versions[i]!, trace);
      if (pair === 'long') return;
      const { share, painted } = staticFlicker([before.frame, now.frame], [before.versions[i]!, version]);
      sum.still += share * painted;
      if (i === 0) this.#pairs.still += share;
    });
    return true;
  }
}

function pumping(means: readonly number[]): number {
  const squares = means.map((mean, i) => {
    const near = means.slice(Math.max(0, i - AROUND), i + AROUND + 1);
    return (mean - near.reduce((sum, value) => sum + value, 0) / near.length) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, means.length));
}
