import type { Flow } from '../../motion/flow.ts';
import type { Plane } from '../../motion/plane.ts';
import { rowOfGrid, warped } from '../../motion/warp.ts';
import { type LocalMoments, localMoments } from './local-moments.ts';

/** A picture in 1/256 grey levels, [height, width, 3]: what goes from frame to frame must not stick at whole ones. */
export interface FinePicture {
  readonly values: Uint16Array;
  readonly width: number;
  readonly height: number;
}

const FINE = 256;

/** Standard deviations about the new picture's local mean, and grey levels beyond, within which the picture before counts. */
const [WITHIN, SLACK] = [2.5, 2];
/** Grey levels of contrast that count as none where contrasts are compared. */
const FAINT = 0.5;
/** By how much contrast that blending takes away is given back at most. */
const MOST_GAIN = 2;

export function toFine(pixels: Uint8Array, width: number, height: number): FinePicture {
  const values = new Uint16Array(pixels.length);
  for (let i = 0; i < values.length; i++) values[i] = FINE * pixels[i]!;
  return { values, width, height };
}

/** The picture in whole grey levels, rounded. */
export function toWhole({ values }: FinePicture): Uint8Array {
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (values[i]! + FINE / 2) >> 8;
  return pixels;
}

/**
 * What is shown of a frame: the painted frame N and, where it is trusted, the picture shown before, moved along, H:
 *
 *   B = N + s·T·(clip(H) − N),  shown = μ_B + g (B − μ_B),  g = min(2, max(1, σ_N / σ_B))
 *
 * with s the share and T the trust. H is clipped to μ_N ± (2.5 σ_N + 2), the range of the new picture about each pixel (variance
 * clipping: Salvi 2016, 'An excursion in temporal supersampling'), so that nothing stays behind that is not there any more. A mean of
 * two textures that differ has less contrast than either: g gives it back (after Heitz and Neyret 2018, 'High-performance by-example
 * noise using a histogram-preserving blending operator', §3).
 *
 * @param painted N, [height, width, 3]. @param before what was shown before. @param flow from this frame to the one before.
 * @param trusted T, on the flow's grid.
 */
export function blended(
  painted: Uint8Array,
  before: FinePicture,
  flow: Flow,
  trusted: Plane,
  share: number,
): FinePicture {
  const { width, height } = before;
  const fresh = new Float32Array(painted);
  const { values: moved, inside } = warped({ values: new Float32Array(before.values), width, height }, flow);
  const own = localMoments(fresh, width, height);
  const mixed = new Float32Array(fresh.length);
  const weights = new Float32Array(width);
  const rows = new MomentRows(own, width);
  for (let y = 0, pixel = 0; y < height; y++, pixel += width) {
    rowOfGrid(trusted.values, flow, y, weights);
    for (let x = 0; x < width; x++) weights[x] = inside[pixel + x] === 0 ? 0 : share * weights[x]!;
    for (let c = 0; c < 3; c++) {
      rows.read(y, c);
      const { mean, deviation } = rows;
      for (let x = 0, at = 3 * pixel + c; x < width; x++, at += 3) {
        const reach = WITHIN * deviation[x]! + SLACK;
        const old = moved[at]! / FINE - mean[x]!;
        const held = old < -reach ? -reach : old > reach ? reach : old;
        mixed[at] = fresh[at]! + weights[x]! * (mean[x]! + held - fresh[at]!);
      }
    }
  }
  return { values: withContrast(mixed, own, width, height), width, height };
}

/** Gives a picture's neighbourhoods the contrast they should have, as far as they have lost it. */
function withContrast(mixed: Float32Array, wanted: LocalMoments, width: number, height: number): Uint16Array {
  const rows = new MomentRows(localMoments(mixed, width, height), width);
  const wantedRows = new MomentRows(wanted, width);
  const values = new Uint16Array(mixed.length);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < 3; c++) {
      rows.read(y, c);
      wantedRows.read(y, c);
      const { mean, deviation } = rows;
      const contrast = wantedRows.deviation;
      for (let x = 0, at = 3 * y * width + c; x < width; x++, at += 3) {
        const gain = (contrast[x]! + FAINT) / (deviation[x]! + FAINT);
        const held = gain < 1 ? 1 : gain > MOST_GAIN ? MOST_GAIN : gain;
        const value = mean[x]! + held * (mixed[at]! - mean[x]!);
        values[at] = value <= 0 ? 0 : value >= 255 ? 255 * FINE : FINE * value + 0.5;
      }
    }
  }
  return values;
}

/** Local moments of a row of pixels, read from their grid. */
class MomentRows {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  readonly #moments: LocalMoments;

  constructor(moments: LocalMoments, width: number) {
    this.#moments = moments;
    this.mean = new Float32Array(width);
    this.deviation = new Float32Array(width);
  }

  read(y: number, channel: number): void {
    const { means, deviations, factor } = this.#moments;
    const { width, height, values } = means[channel]!;
    rowOfGrid(values, { width, height, factor }, y, this.mean);
    rowOfGrid(deviations[channel]!.values, { width, height, factor }, y, this.deviation);
  }
}
