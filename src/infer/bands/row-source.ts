import type { Mode } from '../../engine/ops/pad-border.ts';
import { toFloats } from '../../engine/samples.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { PixelRows } from '../../picture.ts';
import { mirrored } from './mirrored.ts';
import type { Rows } from './stages.ts';

/** An image, or the result of a stage, that can be had in bands of rows. */
export interface RowSource {
  readonly height: number;
  /**
   * Rows within the image. TensorFlow may share the memory that they lie in with the source.
   *
   * @returns [1, to − from, W, C]. Caller disposes, before the next read.
   */
  read(rows: Rows): tf.Tensor4D;
  /** Rows above this one will not be read again. */
  release(before: number): void;
  dispose(): void;
}

/** A row source that is filled from the top. */
export interface RowStore extends RowSource {
  /** The next rows, [1, H, W, C]. The store takes the tensor over. */
  append(rows: tf.Tensor4D): void;
}

/**
 * Rows of an image that may lie beyond its border, where it is mirrored as `padBorder` does it.
 *
 * @returns [1, to − from, W, C]. Caller disposes.
 */
export function readMirrored(source: RowSource, rows: Rows, mode: Mode): tf.Tensor4D {
  const indices = Array.from({ length: rows.to - rows.from }, (_, i) =>
    mirrored(rows.from + i, source.height, mode),
  );
  const span = { from: Math.min(...indices), to: Math.max(...indices) + 1 };
  const image = source.read(span);
  if (rows.from >= 0 && rows.to <= source.height) return image;
  return tf.tidy(() => {
    const parts = runs(indices).map(({ from, to, reversed }) => {
      const part = tf.slice(image, [0, from - span.from, 0, 0], [-1, to - from, -1, -1]);
      return reversed ? tf.reverse(part, 1) : part;
    });
    image.dispose();
    return parts.length === 1 ? parts[0]! : (tf.concat(parts, 1) as tf.Tensor4D);
  });
}

interface Run extends Rows {
  readonly reversed: boolean;
}

/** Consecutive rows, upwards or downwards. */
function runs(indices: readonly number[]): readonly Run[] {
  const found: { first: number; last: number; step: number }[] = [];
  for (const index of indices) {
    const run = found.at(-1);
    const step = run === undefined ? 0 : index - run.last;
    if (run !== undefined && Math.abs(step) === 1 && (run.first === run.last || step === run.step)) {
      run.last = index;
      run.step = step;
    } else {
      found.push({ first: index, last: index, step: 1 });
    }
  }
  return found.map(({ first, last, step }) =>
    step < 0
      ? { from: last, to: first + 1, reversed: first !== last }
      : { from: first, to: last + 1, reversed: false },
  );
}

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
