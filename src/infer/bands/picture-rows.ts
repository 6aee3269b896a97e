import { toFloats } from '../../engine/pixels.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { PixelRows } from '../../picture.ts';
import type { RowSource } from './row-source.ts';
import type { Rows } from './stages.ts';

/** A picture's pixels as a network takes them: [1, H, W, 3], float32 in [0, 255]. */
export class PictureRows implements RowSource {
  readonly #picture: PixelRows;

  constructor(picture: PixelRows) {
    this.#picture = picture;
  }

  get height(): number {
    return this.#picture.height;
  }

  read({ from, to }: Rows): tf.Tensor4D {
    const pixels = this.#picture.read(from, to);
    return tf.tensor4d(toFloats(pixels), [1, to - from, this.#picture.width, 3]);
  }

  release(): void {}
  dispose(): void {}
}
