import { type CompiledFunction, compile, type Precision } from '../../engine/compile/compile.ts';
import { toPixels, toTensor } from '../../engine/pixels.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { Layer } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { namedTensors, type TransformNetParameters, transformNet } from '../../networks/transform-net.ts';
import { transformNetParameters } from '../../networks/transform-net-parameters.ts';
import type { Picture } from '../../picture.ts';

type SampleInputs = { readonly image: tf.Tensor4D; readonly parameters: TransformNetParameters };

/** Paints one photo again and again with the weights of the moment: they are inputs, so it is compiled once. */
export class SamplePainter {
  readonly #photo: tf.Tensor4D;
  readonly #size: Pick<Picture, 'width' | 'height'>;
  readonly #network: CompiledFunction<SampleInputs, { readonly painted: tf.Tensor4D }>;

  /** @param photo at least `smallestImage(layers)` px in height and width. */
  constructor(layers: readonly Layer[], photo: Picture, precision: Precision) {
    const { width, height } = photo;
    this.#size = { width, height };
    const shapes = transformNetParameters(layers).map(({ name, shape }) => [name, shape]);
    this.#network = compile(
      ({ image, parameters }: SampleInputs) => ({
        outputs: { painted: transformNet(layers, parameters, image) },
      }),
      { inputs: { image: [1, height, width, 3], parameters: Object.fromEntries(shapes) }, precision },
    );
    this.#photo = toTensor(photo);
  }

  /** @param parameters of one style, in any order. */
  paint(parameters: readonly NamedArray[]): Picture {
    const weights = namedTensors(parameters);
    try {
      const { painted } = this.#network.run({ image: this.#photo, parameters: weights });
      const values = painted.dataSync();
      painted.dispose();
      return { ...this.#size, pixels: toPixels(values) };
    } finally {
      tf.dispose(weights);
    }
  }

  dispose(): void {
    this.#network.dispose();
    this.#photo.dispose();
  }
}
