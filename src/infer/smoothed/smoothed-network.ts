import { type CompiledFunction, compile, type Precision } from '../../engine/compile/compile.ts';
import { batchNormalization, normalizeWith } from '../../engine/ops/instance-normalization.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { Layer } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { type Normalization, namedTensors, transformNet } from '../../networks/transform-net.ts';
import { smallestImage } from '../../networks/transform-net-parameters.ts';
import { bytesOfForm, outputsOfForm, type PaintedTensors, type PixelForm } from '../pixel-form.ts';

/** Place of the biased variance among the results of TensorFlow's batch normalisation: what its gradient takes. */
const BIASED_VARIANCE = 4;

type FrameInputs = { readonly image: tf.Tensor4D; readonly before: tf.Tensor1D; readonly rate: tf.Scalar };
type FrameOutputs = PaintedTensors & { readonly statistics: tf.Tensor1D };

/**
 * An image transform net whose normalisations see more than one frame. Instance normalisation by a frame's own mean and variance
 * paints the whole frame from scratch when a bright thing enters it; here they are moved towards the frame's by a rate r, layer by layer,
 * in the same pass:
 *
 *   m ← (1 − r) m + r μ(x),  s ← (1 − r) s + r σ²(x),  y = γ (x − m) / √(s + ε) + β
 *
 * With r = 1 it is the plain network.
 */
export class SmoothedNetwork {
  readonly #weights: readonly tf.Tensor[];
  readonly #network: CompiledFunction<FrameInputs, FrameOutputs>;

  constructor(
    layers: readonly Layer[],
    parameters: readonly NamedArray[],
    precision: Precision,
    form: PixelForm,
  ) {
    const tensors = namedTensors(parameters);
    this.#weights = Object.values(tensors);
    this.#network = compile(
      ({ image, before, rate }: FrameInputs) => {
        const after: tf.Tensor[] = [];
        let at = 0;
        const next = (channels: number) => {
          at += channels;
          return tf.slice(before, [at - channels], [channels]);
        };
        const normalization: Normalization = (x, scale, offset) => {
          const none = tf.tensor1d([]);
          const found = batchNormalization(true, [x, scale, offset, none, none]);
          const [mean, variance] = [found[1]!, found[BIASED_VARIANCE]!].map((own) => {
            const given = next(scale.shape[0]);
            return tf.keep(tf.add(tf.mul(given, tf.sub(1, rate)), tf.mul(own, rate)));
          }) as [tf.Tensor, tf.Tensor];
          after.push(mean, variance);
          return normalizeWith(x, [scale, offset, mean, variance]);
        };
        const painted = transformNet(layers, tensors, image, { normalization });
        const statistics = tf.concat(after) as tf.Tensor1D;
        // Kept through the network's own clearing away, they would outlive this function, too.
        tf.dispose(after);
        return { outputs: { ...outputsOfForm(painted, form), statistics } };
      },
      {
        inputs: { image: [1, null, null, 3], before: [numStatisticsOf(parameters)], rate: [] },
        bytes: bytesOfForm(form),
        exampleSide: smallestImage(layers),
        constants: this.#weights,
        precision,
      },
    );
  }

  /**
   * Paints one frame.
   *
   * @param image [1, H, W, 3], in [0, 255], of the network's form. @param before what the frame before has answered, [`numStatisticsOf`]; anything
   *   finite where the rate is 1. @param rate r, 0 to 1.
   * @returns the painted pixels in this form, and the statistics it was painted with. Caller disposes.
   */
  run(image: tf.Tensor4D, before: tf.Tensor1D, rate: number): FrameOutputs {
    const share = tf.scalar(rate);
    try {
      return this.#network.run({ image, before, rate: share });
    } finally {
      share.dispose();
    }
  }

  dispose(): void {
    this.#network.dispose();
    tf.dispose([...this.#weights]);
  }
}

/** How many means and variances all normalisations of a network have together. */
export function numStatisticsOf(parameters: readonly NamedArray[]): number {
  const scales = parameters.filter(({ name }) => name.endsWith('.scale'));
  return scales.reduce((sum, { shape }) => sum + 2 * shape[0]!, 0);
}
