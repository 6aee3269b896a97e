import type { Flow } from '../../motion/flow.ts';
import type { Plane } from '../../motion/plane.ts';
import { rowOfGrid } from '../../motion/warp.ts';
import { LocalMoments } from './local-moments.ts';
import { MovedPicture } from './moved-picture.ts';

/** Steps of a grey level in which pictures go from frame to frame: what is kept must not stick at whole ones. */
export const FINE = 256;

/** Standard deviations about the new picture's local mean, and grey levels beyond, within which the picture before counts. */
const [WITHIN, SLACK] = [2.5, 2];
/** Grey levels of contrast that count as none where contrasts are compared. */
const FAINT = 0.5;
/** By how much contrast that blending takes away is given back at most. */
const MOST_GAIN = 2;

/** A picture in 1/256 grey levels. @param fine filled. */
export function toFine(pixels: Uint8Array, fine: Uint16Array): void {
  for (let i = 0; i < fine.length; i++) fine[i] = FINE * pixels[i]!;
}

/** What a frame is blended from. */
export interface Blend {
  /** N, the painted frame, [height, width, 3]. */
  readonly painted: Uint8Array;
  /** What was shown before, in 1/256 grey levels, [height, width, 3]. */
  readonly before: Uint16Array;
  /** From this frame to the previous one. */
  readonly flow: Flow;
  /** T, on the flow's grid. */
  readonly trusted: Plane;
  /** s. */
  readonly share: number;
}

/** Blends frames of one size. A class, so that its planes are made once for all frames. */
export class Blender {
  readonly #width: number;
  readonly #height: number;
  readonly #fresh: Float32Array;
  readonly #mixed: Float32Array;
  readonly #own: LocalMoments;
  readonly #lost: LocalMoments;
  readonly #moved: MovedPicture;
  readonly #weights: Float32Array;
  readonly #mean: Float32Array;
  readonly #deviation: Float32Array;
  readonly #wanted: Float32Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    const count = 3 * width * height;
    [this.#fresh, this.#mixed] = [new Float32Array(count), new Float32Array(count)];
    [this.#own, this.#lost] = [new LocalMoments(width, height), new LocalMoments(width, height)];
    this.#moved = new MovedPicture(width, height);
    this.#weights = new Float32Array(width);
    const row = () => new Float32Array(3 * width);
    [this.#mean, this.#deviation, this.#wanted] = [row(), row(), row()];
  }

  /**
   * What is shown of a frame: the painted frame N and, where it is trusted, the picture shown before, moved along, H:
   *
   *   B = N + s·T·(clip(H) − N),  shown = μ_B + g (B − μ_B),  g = min(2, max(1, σ_N / σ_B))
   *
   * with s the share and T the trust. H is clipped to μ_N ± (2.5 σ_N + 2), the range of the new picture about each pixel (variance
   * clipping: Salvi 2016, 'An excursion in temporal supersampling'), so that nothing remains of what has gone. A mean of
   * two textures that differ has less contrast than either: g gives it back (after Heitz and Neyret 2018, 'High-performance by-example
   * noise using a histogram-preserving blending operator', §3).
   *
   * @param fine filled with what is shown, in 1/256 grey levels. @param whole with the same in whole ones, rounded.
   */
  blend(from: Blend, fine: Uint16Array, whole: Uint8Array): void {
    this.#fresh.set(from.painted);
    this.#own.measure(this.#fresh);
    for (let y = 0; y < this.#height; y++) this.#mixRow(y, from);
    this.#lost.measure(this.#mixed);
    for (let y = 0; y < this.#height; y++) this.#contrastRow(y, fine, whole);
  }

  #mixRow(y: number, { before, flow, trusted, share }: Blend): void {
    const width = this.#width;
    const weights = this.#weights;
    const fresh = this.#fresh;
    const mixed = this.#mixed;
    const mean = this.#mean;
    const deviation = this.#deviation;
    const moved = this.#moved.row;
    rowOfGrid(trusted.values, flow, y, weights);
    for (let x = 0; x < width; x++) weights[x]! *= share;
    this.#moved.read(before, flow, y, weights);
    this.#own.readRow(y, mean, deviation);
    for (let x = 0, i = 0, at = 3 * y * width; x < width; x++) {
      const weight = weights[x]!;
      for (let c = 0; c < 3; c++, i++, at++) {
        const own = fresh[at]!;
        const middle = mean[i]!;
        const reach = WITHIN * deviation[i]! + SLACK;
        const old = moved[i]! / FINE - middle;
        // Held within ±reach; branches that go either way from value to value would take longer than all else.
        const held = (Math.abs(old + reach) - Math.abs(old - reach)) / 2;
        mixed[at] = own + weight * (middle + held - own);
      }
    }
  }

  /** Gives a row's neighbourhoods the contrast they should have, as far as they have lost it. */
  #contrastRow(y: number, fine: Uint16Array, whole: Uint8Array): void {
    const mixed = this.#mixed;
    const mean = this.#mean;
    const deviation = this.#deviation;
    const wanted = this.#wanted;
    this.#lost.readRow(y, mean, deviation);
    this.#own.readDeviations(y, wanted);
    for (let i = 0, at = 3 * y * this.#width; i < wanted.length; i++, at++) {
      const gain = (wanted[i]! + FAINT) / (deviation[i]! + FAINT);
      // Held between 1 and the most.
      const held = (Math.abs(gain - 1) - Math.abs(gain - MOST_GAIN) + MOST_GAIN + 1) / 2;
      const middle = mean[i]!;
      const value = middle + held * (mixed[at]! - middle);
      const shown = ((FINE / 2) * (Math.abs(value) - Math.abs(value - 255) + 255) + 0.5) | 0;
      fine[at] = shown;
      whole[at] = (shown + FINE / 2) >> 8;
    }
  }
}
