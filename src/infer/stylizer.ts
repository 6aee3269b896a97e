import * as tf from '../engine/tensorflow.ts';
import { expected, ImageError } from '../errors.ts';
import { type Checkpoint, loadCheckpoint } from '../networks/checkpoint.ts';
import { type TransformNetParameters, transformNet } from '../networks/transform-net.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';

/** RGB, interleaved, 8 bit. */
export interface PixelPicture {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Paints pictures in one style. Holds the network's weights until it is disposed of. */
export class Stylizer {
  readonly checkpoint: Omit<Checkpoint, 'parameters'>;
  readonly #parameters: TransformNetParameters;

  /** @param checkpoint as read by `loadCheckpoint`, or parameters at hand in the same form. */
  constructor(checkpoint: Checkpoint) {
    this.checkpoint = checkpoint;
    this.#parameters = Object.fromEntries(
      checkpoint.parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
    );
  }

  /**
   * Loads a trained style.
   *
   * @throws {CheckpointError} the file is not one of ours or does not fit. {FileError} it cannot be read.
   */
  static async load(path: string): Promise<Stylizer> {
    return new Stylizer(await loadCheckpoint(path));
  }

  /**
   * Paints one picture, exactly as large as it came: one forward pass of the image transform net.
   *
   * @param picture RGB, at least 16×16 pixels for Johnson's architecture (`smallestImage`).
   * @throws {ImageError} the picture is smaller.
   */
  stylize({ pixels, width, height }: PixelPicture): PixelPicture {
    const smallest = smallestImage(this.checkpoint.layers);
    if (width < smallest || height < smallest) {
      throw new ImageError(
        expected(
          `a picture of at least ${smallest}×${smallest} pixels`,
          `${width}×${height}`,
          'enlarge it first',
        ),
      );
    }
    const painted = tf.tidy(() => {
      const image = tf.tensor4d(new Float32Array(pixels), [1, height, width, 3]);
      return transformNet(this.checkpoint.layers, this.#parameters, image);
    });
    try {
      // Clamped arrays round to the nearest, in one go: a hundred times faster than a callback per value.
      return { pixels: new Uint8Array(new Uint8ClampedArray(painted.dataSync()).buffer), width, height };
    } finally {
      painted.dispose();
    }
  }

  dispose(): void {
    tf.dispose(this.#parameters as Record<string, tf.Tensor>);
  }
}
