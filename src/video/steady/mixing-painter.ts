import type { Look } from '../../infer/finish/look.ts';
import { isWhole, type Mixing, mixedWithPhoto } from '../../infer/finish/mixing.ts';
import type { Picture } from '../../picture.ts';
import type { FilmPainter } from '../film-painter.ts';

/**
 * Mixes painted frames with the film's own. Behind a steady painter, not within it: what stays the film is then the frame itself, as sharp
 * as it was, and not mixed with frames before.
 */
class MixingPainter<Painter extends FilmPainter> implements FilmPainter {
  readonly #painter: Painter;
  readonly #mixing: Mixing;

  constructor(painter: Painter, mixing: Mixing) {
    this.#painter = painter;
    this.#mixing = mixing;
  }

  foresee(frame: Picture): void {
    this.#painter.foresee?.(frame);
  }

  paint(frame: Picture, seconds: number): ReturnType<Painter['paint']> {
    const mix = (picture: Picture) => mixedWithPhoto(picture, frame, this.#mixing);
    const painted = this.#painter.paint(frame, seconds);
    // As the painter is, so is this one: finished when it returns, or later.
    return (painted instanceof Promise ? painted.then(mix) : mix(painted)) as ReturnType<Painter['paint']>;
  }

  memory(): ReturnType<Painter['memory']> {
    return this.#painter.memory() as ReturnType<Painter['memory']>;
  }

  recall(memory: Uint8Array): void {
    this.#painter.recall(memory);
  }

  dispose(): ReturnType<Painter['dispose']> {
    return this.#painter.dispose() as ReturnType<Painter['dispose']>;
  }
}

/** Mixes steady frames with the film's own as the look has it. @param painter taken over. */
export function withMixing<Painter extends FilmPainter>(
  painter: Painter,
  look: Look | undefined,
): Painter | MixingPainter<Painter> {
  return look === undefined || isWhole(look) ? painter : new MixingPainter(painter, look);
}
