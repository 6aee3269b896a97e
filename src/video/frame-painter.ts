import type { PixelPicture } from '../engine/pixels.ts';

/**
 * Paints a film's frames, one after the other. A frame may depend on those before it; what it depends on can be taken
 * out and put back, so that a film broken off goes on as if it had not been.
 */
export interface FramePainter {
  /**
   * Paints the next frame, in the order in which they are shown.
   *
   * @param frame RGB, 8 bit, of the same size for all frames of a film. The painter's from now on.
   * @param seconds when it is shown, after the film's beginning: for styles that change over time.
   * @returns the painted frame, exactly as large; the caller's.
   */
  paint(frame: PixelPicture, seconds: number): PixelPicture;
  /** All that the next frame depends on besides itself; undefined where it depends on nothing. */
  memory(): Uint8Array | undefined;
  /** Goes on where `memory` was taken, in this process or another. @throws {FileError} it is not of such a painter. */
  recall(memory: Uint8Array): void;
  dispose(): void;
}
