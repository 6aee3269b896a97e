import type { Picture } from '../picture.ts';

/**
 * Paints a film's frames, one after the other. A frame may depend on those before it; what it depends on can be taken
 * out and put back, so that an interrupted film continues as if it had not been. Part of it may run in another thread.
 */
export interface FilmPainter {
  /**
   * Gets a frame before it is painted, so that what depends on the film alone can begin: each once, in the order in which they are
   * shown, as soon as it is known.
   *
   * @param frame as it will be painted. The painter's from now on.
   */
  foresee?(frame: Picture): void;
  /**
   * Paints the next frame, in the order in which they are shown. May be called before the previous one is finished.
   *
   * @param frame RGB, 8 bit, of the same size for all frames of a film. The painter's from now on.
   * @param seconds when it is shown, after the film's beginning: for styles that change over time.
   * @returns the painted frame, exactly as large; the caller's.
   */
  paint(frame: Picture, seconds: number): Picture | Promise<Picture>;
  /** All that the next frame depends on besides itself, when none is being painted; undefined where it depends on nothing. */
  memory(): Uint8Array | undefined | Promise<Uint8Array>;
  /**
   * Goes on where `memory` was taken, in this process or another, when no frame is foreseen.
   *
   * @throws {FileError} it is not of such a painter.
   */
  recall(memory: Uint8Array): void;
  /** Resolves when all threads have ended. What is being painted is given up, and rejects. */
  dispose(): void | Promise<void>;
}

/** One that has finished a frame when it returns. */
export interface SyncFilmPainter extends FilmPainter {
  paint(frame: Picture, seconds: number): Picture;
  memory(): Uint8Array | undefined;
  dispose(): void;
}
