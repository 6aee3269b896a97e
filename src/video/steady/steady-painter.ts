import type { PixelPicture } from '../../engine/pixels.ts';
import { expected, FileError } from '../../errors.ts';
import type { SmoothedStylizer } from '../../infer/smoothed/smoothed-stylizer.ts';
import { opticalFlow } from '../../motion/optical-flow.ts';
import { type Pyramid, pyramid } from '../../motion/pyramid.ts';
import { frameChange, isSceneCut } from '../../motion/scene-cut.ts';
import { traceable } from '../../motion/traceable.ts';
import type { FramePainter } from '../frame-painter.ts';
import { blended, type FinePicture, toFine, toWhole } from './blend.ts';
import { fromBytes, toBytes } from './steady-memory.ts';
import { trust } from './trust.ts';

/** The frame before, and what was shown of it. */
interface Before {
  readonly frame: PixelPicture;
  readonly pyramid: Pyramid;
  readonly shown: FinePicture;
}

/** Statistics of normalisations that go from frame to frame. */
export type CarriedStatistics = Pick<SmoothedStylizer, 'forget' | 'statistics' | 'recall'>;

/** Of a painter whose frames each have their own. */
const NONE: CarriedStatistics = {
  forget: () => undefined,
  statistics: () => new Float32Array(0),
  recall: () => undefined,
};

/**
 * Paints a film's frames so that they do not flicker: the normalisations' statistics go over from frame to frame
 * (`SmoothedNetwork`), and what was painted before, moved as the film moves, stays where it can be trusted (`trust`, `blended`).
 * Both begin anew where a scene does.
 */
export class SteadyPainter implements FramePainter {
  readonly #painter: Pick<FramePainter, 'paint' | 'dispose'>;
  readonly #share: number;
  readonly #statistics: CarriedStatistics;
  #before: Before | undefined;

  /**
   * @param painter paints frames each by itself; taken over. @param share of the picture before where it is trusted wholly, 0 to
   *   below 1. @param statistics what in the painter goes from frame to frame, if anything does.
   */
  constructor(
    painter: Pick<FramePainter, 'paint' | 'dispose'>,
    share: number,
    statistics: CarriedStatistics = NONE,
  ) {
    this.#painter = painter;
    this.#share = share;
    this.#statistics = statistics;
  }

  paint(frame: PixelPicture, seconds: number): PixelPicture {
    const { width, height } = frame;
    const before = this.#before;
    if (before !== undefined && (before.frame.width !== width || before.frame.height !== height))
      throw new RangeError(`Expected ${before.frame.width}×${before.frame.height}, got ${width}×${height}.`);
    const own = pyramid(frame);
    const shown =
      before === undefined ? this.#paintAnew(frame, seconds) : this.#paintOn(frame, seconds, own, before);
    // A copy: the caller may use the pixels for the next one (and of a Buffer `slice` would be none).
    this.#before = { frame: { ...frame, pixels: new Uint8Array(frame.pixels) }, pyramid: own, shown };
    return { pixels: toWhole(shown), width, height };
  }

  memory(): Uint8Array {
    const { frame, shown } = this.#before ?? {};
    return toBytes({
      width: frame?.width ?? 0,
      height: frame?.height ?? 0,
      statistics: this.#statistics.statistics(),
      frame: frame?.pixels ?? new Uint8Array(0),
      shown: shown?.values ?? new Uint16Array(0),
    });
  }

  recall(memory: Uint8Array): void {
    const { width, height, statistics, frame: pixels, shown } = fromBytes(memory);
    if (pixels.length !== 3 * width * height || shown.length !== pixels.length)
      throw new FileError(expected(`a frame of ${width}×${height} in the film's state`, 'another one'));
    this.#statistics.recall(statistics);
    const frame = { pixels, width, height };
    this.#before =
      width === 0 ? undefined : { frame, pyramid: pyramid(frame), shown: { values: shown, width, height } };
  }

  dispose(): void {
    this.#painter.dispose();
    this.#before = undefined;
  }

  #paintAnew(frame: PixelPicture, seconds: number): FinePicture {
    this.#statistics.forget();
    return toFine(this.#painter.paint(frame, seconds).pixels, frame.width, frame.height);
  }

  #paintOn(frame: PixelPicture, seconds: number, own: Pyramid, before: Before): FinePicture {
    const flow = opticalFlow(own, before.pyramid);
    if (isSceneCut(frameChange(own, before.pyramid, flow))) return this.#paintAnew(frame, seconds);
    const trusted = trust(own, before.pyramid, flow, traceable(flow, opticalFlow(before.pyramid, own)));
    return blended(this.#painter.paint(frame, seconds).pixels, before.shown, flow, trusted, this.#share);
  }
}
