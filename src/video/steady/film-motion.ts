import type { Flow } from '../../motion/flow.ts';
import { opticalFlow } from '../../motion/optical-flow.ts';
import type { Plane } from '../../motion/plane.ts';
import { type Pyramid, pyramid } from '../../motion/pyramid.ts';
import { frameChange, isSceneCut } from '../../motion/scene-cut.ts';
import { seenPlaces } from '../../motion/warp.ts';
import type { Picture } from '../../picture.ts';
import { trust } from './trust.ts';

/** How a frame came out of the one before. */
export interface FrameMotion {
  /** From the frame to the one before. */
  readonly flow: Flow;
  /** How far the picture before shows what the frame shows, 0 to 1, on the flow's grid. */
  readonly trusted: Plane;
}

/** Motion through a film, from frame to frame: of the film's own pictures, whatever is painted of them. */
export class FilmMotion {
  #before: Pyramid | undefined;

  /** @returns undefined where a scene begins. */
  next(frame: Picture): FrameMotion | undefined {
    const before = this.#before;
    const own = pyramid(frame);
    this.#before = own;
    if (before === undefined) return undefined;
    const flow = opticalFlow(own, before);
    if (isSceneCut(frameChange(own, before, flow))) return undefined;
    return { flow, trusted: trust(own, before, flow, seenPlaces(flow, opticalFlow(before, own))) };
  }

  /** Goes on as if a frame had been the last one; without one, as at the film's beginning. */
  goOnFrom(frame: Picture | undefined): void {
    this.#before = frame === undefined ? undefined : pyramid(frame);
  }
}
