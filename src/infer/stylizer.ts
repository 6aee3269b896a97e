import { type CompiledFunction, compile, interpret, type Precision } from '../engine/compile/compile.ts';
import { type PixelPicture, toTensor } from '../engine/pixels.ts';
import * as tf from '../engine/tensorflow.ts';
import { expected, ImageError } from '../errors.ts';
import { type Checkpoint, loadCheckpoint } from '../networks/checkpoint.ts';
import { transformNet } from '../networks/transform-net.ts';
import { smallestImage } from '../networks/transform-net-parameters.ts';

export interface StylizerOptions {
  /** Arithmetic of the network. Defaults to f32. */
  readonly precision?: Precision;
  /** `eager` runs op by op, for debugging. Defaults to `compiled`. */
  readonly engine?: 'compiled' | 'eager';
}

/**
 * Paints pictures in one style. The network is compiled once, with its weights as constants and for every size of
 * picture.
 */
export class Stylizer {
  readonly checkpoint: Omit<Checkpoint, 'parameters'>;
  readonly #network: CompiledFunction;
  readonly #weights: readonly tf.Tensor[];

  /** @param checkpoint as read by `loadCheckpoint`, or parameters at hand in the same form. */
  constructor(checkpoint: Checkpoint, { precision = 'f32', engine = 'compiled' }: StylizerOptions = {}) {
    this.checkpoint = checkpoint;
    const { layers } = checkpoint;
    const parameters = Object.fromEntries(
      checkpoint.parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
    );
    this.#weights = Object.values(parameters);
    const build = engine === 'eager' ? interpret : compile;
    this.#network = build(
      ([image]) => ({ outputs: [transformNet(layers, parameters, image as tf.Tensor4D)] }),
      {
        inputs: [[1, null, null, 3]],
        exampleSide: smallestImage(layers),
        constants: this.#weights,
        precision,
      },
    );
  }

  /**
   * Loads a trained style.
   *
   * @throws {CheckpointError} the file is not one of ours or does not fit. {FileError} it cannot be read.
   */
  static async load(path: string, options?: StylizerOptions): Promise<Stylizer> {
    return new Stylizer(await loadCheckpoint(path), options);
  }

  /**
   * Paints one picture, exactly as large as it came: one forward pass of the image transform net.
   *
   * @param picture RGB, at least 16×16 pixels for Johnson's architecture (`smallestImage`).
   * @throws {ImageError} the picture is smaller.
   */
  stylize(picture: PixelPicture): PixelPicture {
    const { width, height } = picture;
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
    const image = toTensor(picture);
    const outputs = this.#network.run(image);
    try {
      // Clamped arrays round to the nearest, in one go: a hundred times faster than a callback per value.
      const values = outputs[0]!.dataSync();
      return { pixels: new Uint8Array(new Uint8ClampedArray(values).buffer), width, height };
    } finally {
      tf.dispose([image, ...outputs]);
    }
  }

  dispose(): void {
    this.#network.dispose();
    tf.dispose([...this.#weights]);
  }
}
