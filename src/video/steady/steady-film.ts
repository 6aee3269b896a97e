import { FlowSearch } from '../../motion/flow-search.ts';
import { opticalFlow } from '../../motion/optical-flow.ts';
import { type Pyramid, pyramid } from '../../motion/pyramid.ts';
import { frameChange, isSceneCut } from '../../motion/scene-cut.ts';
import { seenPlaces } from '../../motion/warp.ts';
import type { Picture, PictureSize } from '../../picture.ts';
import { Blender, type FrameMotion } from './blend.ts';

/** The last frame, and what was shown of it, in 1/256 grey levels, [height, width, 3]. */
export interface LastShown {
  readonly frame: Picture;
  readonly shown: Uint16Array;
}

/**
 * What `--steady` does to a film while painting it: each frame is seen, and then, painted, shown. Frames may be seen before those
 * ahead of them are shown. Knows nothing of networks, so it runs in any thread.
 */
export class SteadyFilm {
  readonly #share: number;
  readonly #motion = new FilmMotion();
  /** Of frames that are seen and not shown yet. */
  readonly #motions: (FrameMotion | undefined)[] = [];
  #size: PictureSize | undefined;
  /** From the first frame that is shown on. */
  #blender: Blender | undefined;

  /** @param share of the picture before where it is trusted wholly, 0 to below 1. */
  constructor(share: number) {
    this.#share = share;
  }

  /** Takes the film's next frame. @returns whether a scene begins with it. @throws {RangeError} it is of another size. */
  see(frame: Picture): boolean {
    const { width, height } = frame;
    this.#size ??= { width, height };
    if (this.#size.width !== width || this.#size.height !== height)
      throw new RangeError(`Expected ${this.#size.width}×${this.#size.height}, got ${width}×${height}.`);
    const motion = this.#motion.next(frame);
    this.#motions.push(motion);
    return motion === undefined;
  }

  /**
   * Takes the painting of the first frame that is seen and not shown yet.
   *
   * @param painted [height, width, 3]. @returns what is shown of it; in the same place where it is the painting itself.
   *   @throws {RangeError} it is of another size.
   */
  show(painted: Uint8Array): Uint8Array {
    if (this.#motions.length === 0) throw new Error('A frame is seen before it is shown.');
    const { width, height } = this.#size!;
    if (painted.length !== 3 * width * height)
      throw new RangeError(`Expected a painting of ${width}×${height}, got ${painted.length} samples.`);
    const motion = this.#motions.shift();
    this.#blender ??= new Blender(width, height);
    if (motion !== undefined) return this.#blender.blend(painted, this.#share, motion);
    this.#blender.begin(painted);
    return painted;
  }

  /** What was shown last, in 1/256 grey levels; empty before the first frame. A copy. */
  shown(): Uint16Array<ArrayBuffer> {
    return this.#blender?.shown() ?? new Uint16Array(0);
  }

  /** Goes on after a frame; without one, from the film's beginning. */
  goOnFrom(last: LastShown | undefined): void {
    this.#motions.length = 0;
    this.#motion.goOnFrom(last?.frame);
    this.#size = last?.frame;
    this.#blender = undefined;
    if (last === undefined) return;
    const { width, height } = last.frame;
    this.#blender = new Blender(width, height);
    this.#blender.goOnFrom(last.shown);
  }
}

/**
 * Whether a steady film starts afresh with a frame: what was painted before does not show in it, so painting may begin with it.
 *
 * @param before the frame before it.
 */
export function beginsScene(frame: Picture, before: Picture): boolean {
  const [own, previous] = [pyramid(frame), pyramid(before)];
  return isSceneCut(frameChange(own, previous, opticalFlow(own, previous)));
}

/** Motion through a film, from frame to frame: of the film's own pictures, not of the painted ones. */
class FilmMotion {
  #before: Pyramid | undefined;
  #search: FlowSearch | undefined;

  /** @returns undefined where a scene begins. */
  next(frame: Picture): FrameMotion | undefined {
    const before = this.#before;
    const own = pyramid(frame);
    this.#before = own;
    if (before === undefined) return undefined;
    this.#search ??= new FlowSearch(own.levels[0]);
    const flow = this.#search.flow(own, before);
    if (isSceneCut(frameChange(own, before, flow))) return undefined;
    const seen = seenPlaces(flow, this.#search.flow(before, own));
    return { flow, seen, now: own.levels[0], before: before.levels[0] };
  }

  /** Goes on as if a frame had been the last one; without one, as at the film's beginning. */
  goOnFrom(frame: Picture | undefined): void {
    this.#before = frame === undefined ? undefined : pyramid(frame);
    this.#search = undefined;
  }
}
