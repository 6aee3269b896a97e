import type { Program } from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import { type PerceptualTargets, type PerceptualWeights, perceptualLoss } from '../losses/perceptual-loss.ts';
import { STYLE_STATISTICS, type StyleStatistic } from '../losses/style-statistic.ts';
import type { Layer } from '../networks/architecture.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import { type TransformNetParameters, transformNet } from '../networks/transform-net.ts';
import type { ParameterSpec } from '../networks/transform-net-parameters.ts';
import { adamStep } from './adam.ts';
import { flatten, unflatten } from './train-state.ts';

/** Loss terms in the order in which the step answers them. */
export const LOSS_TERMS = ['total', 'content', 'style', 'tv'] as const;
export type LossValues = Readonly<Record<(typeof LOSS_TERMS)[number], number>>;

export interface TrainStepOptions {
  readonly layers: readonly Layer[];
  readonly specs: readonly ParameterSpec[];
  readonly lossNetwork: LossNetwork;
  /** The painting's Gram matrices at the style layers (`styleTargets`). */
  readonly style: PerceptualTargets['style'];
  readonly weights: PerceptualWeights;
}

/**
 * The painting's Gram matrices, or moments, at the style layers.
 *
 * @param painting [1, H, W, 3], RGB pixels in [0, 255].
 * @returns one [1, C, C] (moments: [1, C + 1, C]) per layer. Caller disposes.
 */
export function styleTargets(
  lossNetwork: LossNetwork,
  painting: tf.Tensor4D,
  layers: readonly string[],
  statistic: StyleStatistic = 'gram',
): PerceptualTargets['style'] {
  return tf.tidy(() => {
    const maps = lossNetwork.featureMaps(painting, layers);
    return Object.fromEntries(
      Object.entries(maps).map(([layer, map]) => [layer, STYLE_STATISTICS[statistic].of(map)]),
    );
  });
}

/** The parameters by name, as the transform net takes them. */
export function namedParameters(
  specs: readonly ParameterSpec[],
  tensors: readonly tf.Tensor[],
): TransformNetParameters {
  return Object.fromEntries(specs.map(({ name }, i) => [name, tensors[i]!]));
}

/**
 * One training step as a pure function, closed over its constants and written in plain tfjs ops, so that it can be
 * compiled: (batch, learning rate, share of the new in the average), state → loss terms, next state.
 *
 * The images of a batch go through one by one and their gradients are averaged: instance normalisation of a single
 * image is one fused op.
 *
 * Inputs: batch [N, H, W, 3] of RGB pixels in [0, 255]; learning rate, scalar; averaging share in (0, 1], scalar.
 */
export function makeTrainStep({ layers, specs, lossNetwork, style, weights }: TrainStepOptions): Program {
  const contentLayers = Object.keys(weights.contentLayers);
  const allLayers = [...new Set([...contentLayers, ...Object.keys(weights.styleLayers)])];

  const lossAndGradients = (photo: tf.Tensor4D, parameters: readonly tf.Tensor[]) => {
    // 1. What the photo shows: its feature maps, no gradient wanted.
    const content = lossNetwork.featureMaps(photo, contentLayers);
    const terms: tf.Scalar[] = [];
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
      // 2. Paint it. 3. Look at the painted picture through the loss network. 4. Compare.
      const painted = transformNet(layers, namedParameters(specs, tensors), photo);
      const features = lossNetwork.featureMaps(painted, allLayers);
      const loss = perceptualLoss(painted, features, { content, style }, weights);
      terms.push(...[loss.content, loss.style, loss.tv].map((term) => tf.keep(term)));
      return loss.total;
    })([...parameters]);
    const kept = terms.map((term) => term.clone());
    tf.dispose(terms);
    return { terms: [value, ...kept], gradients: grads };
  };

  return ([batch, learningRate, averagingShare], stateTensors) => {
    const state = unflatten(stateTensors);
    const photos = tf.split(batch!, batch!.shape[0]) as tf.Tensor4D[];
    const perPhoto = photos.map((photo) => lossAndGradients(photo, state.parameters));
    const mean = (tensors: tf.Tensor[]) =>
      tensors.length === 1 ? tensors[0]! : tf.div(tf.addN(tensors), tensors.length);
    const outputs = LOSS_TERMS.map((_, i) => mean(perPhoto.map(({ terms }) => terms[i]!)));
    const gradients = specs.map((_, i) => mean(perPhoto.map(({ gradients }) => gradients[i]!)));
    // 5. Follow the gradient; keep a running average of the weights.
    const next = adamStep(state.parameters, gradients, state.adam, learningRate!);
    const averaged = state.averaged.map((old, i) =>
      tf.add(old, tf.mul(averagingShare!, tf.sub(next.parameters[i]!, old))),
    );
    return { outputs, nextState: flatten({ parameters: next.parameters, averaged, adam: next.state }) };
  };
}
