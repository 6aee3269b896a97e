import type { PixelPicture } from '../../engine/pixels.ts';
import { type Mixing, mixed } from '../../infer/finish/mixing.ts';
import type { FramePainter } from '../frame-painter.ts';

/**
 * Mixes painted frames with the film's own. Behind a steady painter, not within it: what stays the film is then the frame itself, as sharp
 * as it was, and not mixed with frames before.
 */
export class MixingPainter implements FramePainter {
  readonly #painter: FramePainter;
  readonly #mixing: Mixing;

  /** @param painter taken over. */
  constructor(painter: FramePainter, mixing: Mixing) {
    this.#painter = painter;
    this.#mixing = mixing;
  }

  paint(frame: PixelPicture, seconds: number): PixelPicture {
    const own = { ...frame, pixels: new Uint8Array(frame.pixels) };
    return mixed(this.#painter.paint(frame, seconds), own, this.#mixing);
  }

  memory(): Uint8Array | undefined {
    return this.#painter.memory();
  }

  recall(memory: Uint8Array): void {
    this.#painter.recall(memory);
  }

  dispose(): void {
    this.#painter.dispose();
  }
}
