import type { Picture, PictureSize } from '../picture.ts';
import { halved, luminancePlane, type Plane } from './plane.ts';

/** The coarsest level's short side is not smaller. */
const LEAST_SIDE = 16;
/** From this short side on, the finest level is the frame at half its size. */
const LARGE_SIDE = 160;

export interface Pyramid {
  /** Pixels of the frame per place of the finest level, 1 or 2. */
  readonly factor: 1 | 2;
  /** Luminance. The finest first, each half as large as the one before. */
  readonly levels: readonly [Plane, ...Plane[]];
}

/** Pixels per place of the finest level of frames of a size. */
export function finestFactor({ width, height }: PictureSize): 1 | 2 {
  return Math.min(width, height) >= LARGE_SIDE ? 2 : 1;
}

/** What is needed of a frame to find motion to or from it. */
export function pyramid(frame: Picture): Pyramid {
  const factor = finestFactor(frame);
  const levels: [Plane, ...Plane[]] = [luminancePlane(frame, factor)];
  for (let [plane] = levels; Math.min(plane.width, plane.height) >= 2 * LEAST_SIDE; levels.push(plane))
    plane = halved(plane);
  return { factor, levels };
}
