import { meanAndDeviation } from '../data/luminance.ts';
import type { LabPicture } from './lab.ts';

/** How the outermost pixels are painted unlike those further in. */
export interface BorderDifference {
  /** Distance of the mean colours, ΔE (CIELAB), on the worst of the four sides. */
  readonly colour: number;
  /** Ratio of the deviations of lightness, as |ln|, on the worst side: 0.69 is half or double. */
  readonly contrast: number;
}

/** The same part of a photo, painted twice. */
export interface BorderPair {
  /** Painted alone, so that its outermost pixels are a border. */
  readonly asBorder: LabPicture;
  /** Cut out of a larger painted picture, so that they are not. */
  readonly asCentre: LabPicture;
}

/** Deviation of lightness below which an area counts as flat, L*: the ratio of two of these says nothing. */
const FLAT = 0.5;

/**
 * Border against centre: mean colour and contrast of the outer `ring` pixels of a picture, against those of the very same
 * pixels when more of the photo surrounded them as it was painted. Padding that a network has not learnt to live with shows
 * as frames here, whatever the photo shows. How the two differ further in (from 4·ring to 8·ring), which is not the
 * border's doing, is taken off. Averaged over pictures, side by side.
 *
 * @param pairs each picture at least 20·ring high and wide.
 */
export function borderDifference(pairs: readonly BorderPair[], ring = 4): BorderDifference {
  const sides = [0, 1, 2, 3].map((side) => {
    const each = pairs.map((pair) => {
      const outer = difference(pair, strip(pair.asBorder, side, 0, ring));
      const inner = difference(pair, strip(pair.asBorder, side, 4 * ring, 8 * ring));
      return outer.map((value, i) => value - inner[i]!);
    });
    const [l, a, b, contrast] = [0, 1, 2, 3].map(
      (i) => each.reduce((sum, values) => sum + values[i]!, 0) / each.length,
    );
    return { colour: Math.hypot(l!, a!, b!), contrast: Math.abs(contrast!) };
  });
  return {
    colour: Math.max(...sides.map(({ colour }) => colour)),
    contrast: Math.max(...sides.map(({ contrast }) => contrast)),
  };
}

/** Difference of the mean L*, a*, b*, and logarithm of the ratio of the deviations of L*. */
function difference({ asBorder, asCentre }: BorderPair, indices: Uint32Array): readonly number[] {
  const of = (plane: Float32Array) => {
    const values = new Float64Array(indices.length);
    for (let i = 0; i < values.length; i++) values[i] = plane[indices[i]!]!;
    return meanAndDeviation(values);
  };
  const means = (['lightness', 'a', 'b'] as const).map(
    (plane) => of(asBorder[plane]).mean - of(asCentre[plane]).mean,
  );
  const deviation = (picture: LabPicture) => of(picture.lightness).deviation + FLAT;
  return [...means, Math.log(deviation(asBorder) / deviation(asCentre))];
}

/** Indices of the pixels at a distance of `from` to `to` from a side (top, bottom, left, right), without the corners. */
function strip({ width, height }: LabPicture, side: number, from: number, to: number): Uint32Array {
  const along = side < 2 ? width : height;
  const across = side < 2 ? height : width;
  const indices: number[] = [];
  for (let d = from; d < to; d++) {
    const line = side % 2 === 0 ? d : across - 1 - d;
    for (let i = to; i < along - to; i++) indices.push(side < 2 ? line * width + i : i * width + line);
  }
  return Uint32Array.from(indices);
}
