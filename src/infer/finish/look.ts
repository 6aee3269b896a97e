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
/** Others are not meant. */
const [LEAST_STROKE, MOST_STROKE] = [0.01, 100];

/** @throws {ConfigError} it cannot be used. */
export function requireStroke(stroke: number): void {
  if (!(stroke >= LEAST_STROKE && stroke <= MOST_STROKE))
    throw new ConfigError(expected(`a number from ${LEAST_STROKE} to ${MOST_STROKE} for --stroke`, stroke));
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
