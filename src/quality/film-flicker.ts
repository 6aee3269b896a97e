import type { Flow } from '../motion/flow.ts';
import { opticalFlow } from '../motion/optical-flow.ts';
import { type Pyramid, pyramid } from '../motion/pyramid.ts';
import { frameChange, isSceneCut } from '../motion/scene-cut.ts';
import { type Traceable, traceable, warped } from '../motion/warp.ts';
import type { Picture } from '../picture.ts';
import { localTexture } from './local-texture.ts';
import { staticFlicker } from './static-flicker.ts';

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

/** Where a frame shows what another one showed, and where that was. */
interface Trace {
  /** From the later frame to the earlier. */
  readonly flow: Flow;
  readonly traceable: Traceable;
}

/**
 * Square of what is painted otherwise than the frame before, moved along:
 *
 *   1/D Σ_k M_k (O_t,k − W(O_{t−1})_k)²,  D = 3 H W
 *
 * with O in [0, 1] and M = 1 where a pixel can be traced, not at boundaries of motion (Chen et al. 2017, 'Coherent Online Video
 * Style Transfer', §5; mask as Ruder et al. 2016). e_stab of a film is the root of its mean over frames.
 *
 * @param now the later frame, painted. @param before the earlier one.
 */
function warpingSquare(now: Picture, before: Picture, trace: Trace): number {
  const { pixels, width, height } = now;
  const mask = pixelMask(trace, width, height);
  const { values, inside } = warped({ values: Float32Array.from(before.pixels), width, height }, trace.flow);
  let sum = 0;
  for (let pixel = 0, at = 0; pixel < mask.length; pixel++, at += 3) {
    if (mask[pixel] === 0 || inside[pixel] === 0) continue;
    for (let c = at; c < at + 3; c++) sum += (pixels[c]! - values[c]!) ** 2;
  }
  return sum / 255 ** 2 / pixels.length;
}

/** Per pixel: 1 where it is seen in both frames and not at a boundary of motion. */
function pixelMask(
  { flow: { width: columns, height: rows, factor }, traceable: { seen, boundary } }: Trace,
  width: number,
  height: number,
): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.min(rows - 1, Math.floor(y / factor)) * columns;
    for (let x = 0; x < width; x++, at++) {
      const place = row + Math.min(columns - 1, Math.floor(x / factor));
      mask[at] = seen[place]! * (1 - boundary[place]!);
    }
  }
  return mask;
}
