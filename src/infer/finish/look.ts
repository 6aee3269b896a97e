import type { Checkpoint } from '../../networks/checkpoint-format.ts';
import type { Picture, PictureSize } from '../../picture.ts';
import { ConfigError, expected, ImageError } from '../../system/errors.ts';

/** Whose colours a painted picture has: the style's, the photo's pixel by pixel, or the photo's as a distribution. */
export type ColorsOf = 'style' | 'photo' | 'histogram';

/** How a style is to look on a photo. */
export interface Look {
  /** Size of strokes, 1 as on a picture whose long side has `STROKE_SIDE` pixels; as the network paints them unless given. */
  readonly stroke?: number;
  /** 0 is the photo, 1 the style. */
  readonly amount: number;
  readonly colors: ColorsOf;
  readonly mask?: Picture;
  /** Black is painted instead of white. */
  readonly invertMask?: boolean;
}

/** Long side of the picture, px, whose strokes are those of `--stroke 1`. */
export const STROKE_SIDE = 512;

/** Fewer pixels have no strokes. */
const LEAST_SIDE = 16;
/** The least and the most that a stroke may be: others are not meant. */
export const STROKES = [0.01, 100] as const;

/** @throws {ConfigError} it cannot be used. */
export function requireStroke(stroke: number): void {
  const [least, most] = STROKES;
  if (!(stroke >= least && stroke <= most))
    throw new ConfigError(expected(`a number from ${least} to ${most} for --stroke`, stroke));
}

/**
 * The size that a photo is painted at: strokes have a size in pixels, so their size relative to the picture is that of the
 * picture. Long side `STROKE_SIDE` / stroke, whatever the photo's own.
 *
 * @throws {ImageError} nothing would be left of the photo.
 */
export function workingSize({ width, height }: PictureSize, { stroke }: Pick<Look, 'stroke'>): PictureSize {
  if (stroke === undefined) return { width, height };
  const scale = STROKE_SIDE / stroke / Math.max(width, height);
  const work = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (Math.min(work.width, work.height) < LEAST_SIDE) {
    const most = (STROKE_SIDE * Math.min(width, height)) / Math.max(width, height) / LEAST_SIDE;
    const bound = Math.floor(10 * most) / 10;
    throw new ImageError(expected(`--stroke ${bound} or less for a picture of ${width}×${height}`, stroke));
  }
  return work;
}

/** Whether a look asks for more than what the network paints. */
export function isPlainLook({ stroke, amount, colors, mask }: Look): boolean {
  return stroke === undefined && amount === 1 && colors === 'style' && mask === undefined;
}

/** @throws {ConfigError} it is not from 0 to 1. */
export function requireAmount(amount: number): void {
  if (!(amount >= 0 && amount <= 1))
    throw new ConfigError(expected('a number from 0 (the photo) to 1 (the style) for --amount', amount));
}

/**
 * A style painted more weakly: what each residual block adds to its input is multiplied by the amount. The blocks draw the
 * strokes; what is around them, by itself, turns a photo into the style's colours and plain forms. Of the rest of the way to the photo
 * see `paintedShare`.
 *
 * Features are interpolated between those with and those without strokes: h ↦ h + a·F(h) instead of h + F(h), by the
 * second convolution's scale and offset, which are linear in F.
 */
export function withAmount(checkpoint: Checkpoint, amount: number): Checkpoint {
  requireAmount(amount);
  const parameters = checkpoint.parameters.map((array) =>
    /\.second\.(scale|offset)$/.test(array.name)
      ? { ...array, values: array.values.map((value) => value * amount) }
      : array,
  );
  return { ...checkpoint, parameters };
}

/**
 * The painting's share of a pixel, √a; the photo has the rest. With the strokes weakened as well, a linear share would come to
 * a² of them, and half the style would be a fourth.
 */
export function paintedShare(amount: number): number {
  return Math.sqrt(amount);
}
