import { type CompiledFunction, compile } from '../engine/compile/compile.ts';
import { type PixelPicture, toPixels, toTensor } from '../engine/pixels.ts';
import * as tf from '../engine/tensorflow.ts';
import { perceptualLoss } from '../losses/perceptual-loss.ts';
import { LossNetwork } from '../networks/loss-network.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import { adamStep, initialAdamState } from './adam.ts';
import type { TrainConfig } from './config.ts';
import { targetsOf, weightsOf } from './objective.ts';

/** Mean terms of the probes, unweighted, before a step. */
export interface ProbeLosses {
  readonly content: number;
  readonly style: number;
}

export interface ProbeOptions {
  readonly config: TrainConfig;
  readonly lossNetwork: LossNetworkWeights;
  readonly painting: PixelPicture;
  /** All of one size. */
  readonly photos: readonly PixelPicture[];
}

/** Adam's step size on pixels, grey levels. */
const LEARNING_RATE = 6;

/**
 * Pictures painted by optimising their pixels (Gatys et al. 2016) under the objective of training, with a style weight
 * that can change from step to step: what training would come to, without a network to train. They begin as the
 * photos themselves.
 */
export class ProbePictures {
  readonly #step: CompiledFunction;
  readonly #photos: readonly PixelPicture[];

  /** @throws {ConfigError} a layer that the loss network does not have, or photos too small for one. */
  constructor({ config, lossNetwork, painting, photos }: ProbeOptions) {
    this.#photos = photos;
    const network = new LossNetwork(lossNetwork, config.pooling);
    const owned: tf.Tensor[] = [...network.tensors];
    try {
      this.#step = compiledStep(config, network, painting, photos, owned);
    } finally {
      // What was closed over is in the graph.
      tf.dispose(owned);
    }
  }

  /** One step of Adam. @param styleWeight weight of the style term. @param rate share of the full step size. */
  step(styleWeight: number, rate = 1): ProbeLosses {
    return tf.tidy(() => {
      const outputs = this.#step.run(tf.scalar(styleWeight), tf.scalar(LEARNING_RATE * rate));
      const [content, style] = outputs.map((output) => output.dataSync()[0] ?? Number.NaN);
      return { content: content!, style: style! } as ProbeLosses & tf.TensorContainer;
    }) as ProbeLosses;
  }

  /** Begins anew with the photos. */
  restart(): void {
    const state = firstState(this.#photos);
    try {
      this.#step.writeState(state);
    } finally {
      tf.dispose(state);
    }
  }

  /** The pictures as they stand. */
  pictures(): PixelPicture[] {
    const state = this.#step.readState();
    try {
      return this.#photos.map(({ width, height }, i) => {
        const values = state[i]!.dataSync();
        return { pixels: toPixels(values), width, height };
      });
    } finally {
      tf.dispose(state);
    }
  }

  dispose(): void {
    this.#step.dispose();
  }
}

function compiledStep(
  config: TrainConfig,
  network: LossNetwork,
  painting: PixelPicture,
  photos: readonly PixelPicture[],
  owned: tf.Tensor[],
): CompiledFunction {
  // The style's weight is an input: here the term stands alone.
  const weights = { ...weightsOf(config, network.kind), style: 0 };
  const contentLayers = Object.keys(weights.contentLayers);
  const layers = [...new Set([...contentLayers, ...Object.keys(weights.styleLayers)])];
  const style = targetsOf(painting, network, weights);
  owned.push(...Object.values(style));
  const starts = photos.map(toTensor);
  owned.push(...starts);
  const contents = starts.map((photo) => network.featureMaps(photo, contentLayers));
  owned.push(...contents.flatMap((maps) => Object.values(maps)));
  const count = photos.length;
  const state = firstState(photos);
  try {
    return compile(
      ([styleWeight, rate], tensors) => {
        const pictures = tensors.slice(0, count) as tf.Tensor4D[];
        const terms: tf.Tensor[][] = [];
        const gradients = pictures.map((picture, i) => {
          const kept: tf.Tensor[] = [];
          const { grads } = tf.valueAndGrads((image: tf.Tensor) => {
            const features = network.featureMaps(image as tf.Tensor4D, layers);
            const targets = { content: contents[i]!, style };
            const loss = perceptualLoss(image as tf.Tensor4D, features, targets, weights);
            kept.push(tf.keep(loss.content), tf.keep(loss.style));
            return tf.add(loss.total, tf.mul(loss.style, styleWeight!)) as tf.Scalar;
          })([picture]);
          terms.push(kept.map((term) => term.clone()));
          tf.dispose(kept);
          return grads[0]!;
        });
        const next = adamStep(
          pictures,
          gradients,
          {
            first: tensors.slice(count, 2 * count),
            second: tensors.slice(2 * count, 3 * count),
            beta1Power: tensors[3 * count]!,
            beta2Power: tensors[3 * count + 1]!,
          },
          rate!,
        );
        const mean = (term: number) =>
          tf.div(tf.addN(terms.map((ofPicture) => tf.reshape(ofPicture[term]!, [1]))), count);
        const { first, second, beta1Power, beta2Power } = next.state;
        const bounded = next.parameters.map((picture) => tf.minimum(tf.maximum(picture, 0), 255));
        return {
          outputs: [mean(0), mean(1)],
          nextState: [...bounded, ...first, ...second, beta1Power, beta2Power],
        };
      },
      { inputs: [[], []], state, constants: owned },
    );
  } finally {
    tf.dispose(state);
  }
}

/** The photos and Adam's memory before the first step. Caller disposes. */
function firstState(photos: readonly PixelPicture[]): tf.Tensor[] {
  const starts = photos.map(toTensor);
  const { first, second, beta1Power, beta2Power } = initialAdamState(starts);
  return [...starts, ...first, ...second, beta1Power, beta2Power];
}
