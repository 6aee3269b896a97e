import type { PhotoPainter } from '../infer/finish/look-painter.ts';
import type { Picture } from '../picture.ts';
import type { SyncFilmPainter } from './film-painter.ts';

/** What can be told the time before it paints: a style that changes. */
export interface Clock {
  setTime(seconds: number): void;
}

/** Paints each frame by itself, as `stylize` would. */
export class FramePainter implements SyncFilmPainter {
  readonly #painter: PhotoPainter;
  readonly #clock: Clock | undefined;

  /** @param painter taken over. @param clock is told each frame's time. */
  constructor(painter: PhotoPainter, clock?: Clock) {
    this.#painter = painter;
    this.#clock = clock;
  }

  paint(frame: Picture, seconds: number): Picture {
    this.#clock?.setTime(seconds);
    return this.#painter.stylize(frame);
  }

  memory(): undefined {
    return undefined;
  }

  recall(): void {}

  dispose(): void {
    this.#painter.dispose();
  }
}
