import { type CompiledFunction, compile, type Precision } from '../../engine/compile/compile.ts';
import { toPixels, toTensor } from '../../engine/pixels.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { Layer } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { namedTensors, transformNet } from '../../networks/transform-net.ts';
import { type ParameterSpec, transformNetParameters } from '../../networks/transform-net-parameters.ts';
import type { Picture } from '../../picture.ts';
import { namedParameters } from '../step/train-step.ts';

/** Paints one photo again and again with the weights of the moment: they are inputs, so it is compiled once. */
export class SamplePainter {
  readonly #specs: readonly ParameterSpec[];
  readonly #photo: tf.Tensor;
  readonly #size: Pick<Picture, 'width' | 'height'>;
  readonly #network: CompiledFunction;

  /** @param photo at least `smallestImage(layers)` px in height and width. */
  constructor(layers: readonly Layer[], photo: Picture, precision: Precision) {
    const specs = transformNetParameters(layers);
    const { width, height } = photo;
    this.#specs = specs;
    this.#size = { width, height };
    this.#network = compile(
      ([image, ...weights]) => ({
        outputs: [transformNet(layers, namedParameters(specs, weights), image as tf.Tensor4D)],
      }),
      { inputs: [[1, height, width, 3], ...specs.map(({ shape }) => shape)], precision },
    );
    this.#photo = toTensor(photo);
  }

  /** @param parameters of one style, in any order. */
  paint(parameters: readonly NamedArray[]): Picture {
    const byName = namedTensors(parameters);
    const weights = this.#specs.map(({ name }) => byName[name]!);
    const outputs = this.#network.run(this.#photo, ...weights);
    try {
      const values = outputs[0]!.dataSync();
      return { ...this.#size, pixels: toPixels(values) };
    } finally {
      tf.dispose([...weights, ...outputs]);
    }
  }

  dispose(): void {
    this.#network.dispose();
    this.#photo.dispose();
  }
}
