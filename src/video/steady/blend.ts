import type { Flow } from '../../motion/flow.ts';
import type { Plane } from '../../motion/plane.ts';
import { rowOfGrid, warped } from '../../motion/warp.ts';
import { localMoments } from './local-moments.ts';

/** A picture in 1/256 grey levels, [height, width, 3]: what goes from frame to frame must not stick at whole ones. */
export interface FinePicture {
  readonly values: Uint16Array;
  readonly width: number;
  readonly height: number;
}

export const FINE = 256;

export interface BlendOptions {
  /** Share of the picture before where it is trusted wholly, 0 to below 1. */
  readonly share: number;
  /** Standard deviations about the local mean of the new picture within which the picture before counts. */
  readonly within: number;
  readonly gain: number;
}

export function blended(
  painted: Uint8Array,
  before: FinePicture,
  flow: Flow,
  trusted: Plane,
  { share, within, gain }: BlendOptions,
): FinePicture {
  const { width, height } = before;
  const { values: moved, inside } = warped({ values: new Float32Array(before.values), width, height }, flow);
  const { means, deviations, factor } = localMoments(new Float32Array(painted), width, height);
  const grid = { width: means[0]!.width, height: means[0]!.height, factor };
  const values = new Uint16Array(painted.length);
  const weights = new Float32Array(width);
  const mean = new Float32Array(width);
  const spread = new Float32Array(width);
  const out = new Float32Array(painted.length);
  for (let y = 0; y < height; y++) {
    rowOfGrid(trusted.values, flow, y, weights);
    for (let c = 0; c < 3; c++) {
      rowOfGrid(means[c]!.values, grid, y, mean);
      rowOfGrid(deviations[c]!.values, grid, y, spread);
      for (let x = 0, at = 3 * y * width + c; x < width; x++, at += 3) {
        const fresh = painted[at]!;
        const weight = inside[y * width + x] === 0 ? 0 : share * weights[x]!;
        const reach = within * spread[x]! + 2;
        const low = mean[x]! - reach;
        const high = mean[x]! + reach;
        const old = moved[at]! / FINE;
        const held = old < low ? low : old > high ? high : old;
        out[at] = fresh + weight * (held - fresh);
      }
    }
  }
  if (gain > 0) {
    const own = localMoments(out, width, height);
    const m2 = new Float32Array(width);
    const s2 = new Float32Array(width);
    for (let y = 0; y < height; y++)
      for (let c = 0; c < 3; c++) {
        rowOfGrid(deviations[c]!.values, grid, y, spread);
        rowOfGrid(own.means[c]!.values, grid, y, m2);
        rowOfGrid(own.deviations[c]!.values, grid, y, s2);
        for (let x = 0, at = 3 * y * width + c; x < width; x++, at += 3) {
          const g = Math.min(gain, Math.max(1, (spread[x]! + 0.5) / (s2[x]! + 0.5)));
          out[at] = m2[x]! + g * (out[at]! - m2[x]!);
        }
      }
  }
  for (let i = 0; i < out.length; i++) {
    const value = Math.round(FINE * out[i]!);
    values[i] = value < 0 ? 0 : value > 255 * FINE ? 255 * FINE : value;
  }
  return { values, width, height };
}
