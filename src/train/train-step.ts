import type { Program } from '../engine/compile/compile.ts';
import * as tf from '../engine/tensorflow.ts';
import { type PerceptualTargets, type PerceptualWeights, perceptualLoss } from '../losses/perceptual-loss.ts';
import { STYLE_STATISTICS, type StyleStatistic } from '../losses/style-statistic.ts';
import type { Layer } from '../networks/architecture.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import { type TransformNetParameters, transformNet } from '../networks/transform-net.ts';
import type { ParameterSpec } from '../networks/transform-net-parameters.ts';
import { adamStep } from './adam.ts';
import { lossScalars } from './loss-values.ts';
import { stabilityTerm } from './stability-term.ts';
import { flatten, type TrainState, unflatten } from './train-state.ts';

export interface TrainStepOptions {
  readonly layers: readonly Layer[];
  readonly specs: readonly ParameterSpec[];
  readonly lossNetwork: LossNetwork;
  /** The painting's Gram matrices at the style layers (`styleTargets`). */
  readonly style: PerceptualTargets['style'];
  readonly weights: PerceptualWeights;
  /** Weight of the stability term (`stabilityTerm`); with 0, the default, nothing of it is computed. */
  readonly stabilityWeight?: number;
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

/** Losses, as `lossScalars` orders them, and gradients of the total. */
export interface LossAndGradients {
  readonly terms: readonly tf.Tensor[];
  readonly gradients: readonly tf.Tensor[];
}

/**
 * The objective on one photo, in two parts: what the photo shows, which wants no gradient, and the losses of what
 * parameters paint of it.
 */
function lossOfPhotos({ layers, specs, lossNetwork, style, weights, stabilityWeight = 0 }: TrainStepOptions) {
  const contentLayers = Object.keys(weights.contentLayers);
  const allLayers = [...new Set([...contentLayers, ...Object.keys(weights.styleLayers)])];
  return (photo: tf.Tensor4D, change?: readonly tf.Tensor[]) => {
    // 1. What the photo shows: its feature maps.
    const content = lossNetwork.featureMaps(photo, contentLayers);
    return (parameters: readonly tf.Tensor[]) => {
      // 2. Paint it. 3. Look at the painted picture through the loss network. 4. Compare.
      const paint = (of: tf.Tensor4D) => transformNet(layers, namedParameters(specs, parameters), of);
      const painted = paint(photo);
      const features = lossNetwork.featureMaps(painted, allLayers);
      const loss = perceptualLoss(painted, features, { content, style }, weights);
      if (change === undefined) return lossScalars(loss, { weights });
      // 5. Paint what the photo would be a moment later, and see whether the painting follows.
      const stability = stabilityTerm(paint, photo, painted, change);
      const total = tf.add(loss.total, tf.mul(stability, stabilityWeight)) as tf.Scalar;
      return lossScalars({ ...loss, total, stability }, { weights, stabilityWeight });
    };
  };
}

/**
 * Losses and gradients of a batch, in plain tfjs ops: means over its images, which go through one by one, since instance
 * normalisation of a single image is one fused op.
 *
 * @returns (batch [N, H, W, 3] of RGB pixels in [0, 255], parameters, its changes where stability is weighed) → scalars and
 * gradients.
 */
export function makeLossAndGradients(
  options: TrainStepOptions,
): (batch: tf.Tensor, parameters: readonly tf.Tensor[], changes?: readonly tf.Tensor[]) => LossAndGradients {
  const lossOf = lossOfPhotos(options);

  const lossAndGradients = (
    photo: tf.Tensor4D,
    parameters: readonly tf.Tensor[],
    change: readonly tf.Tensor[] | undefined,
  ) => {
    const lossOfPhoto = lossOf(photo, change);
    const terms: tf.Scalar[] = [];
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
      const [total, ...others] = lossOfPhoto(tensors) as [tf.Scalar, ...tf.Scalar[]];
      terms.push(...others.map((term) => tf.keep(term)));
      return total;
    })([...parameters]);
    const kept = terms.map((term) => term.clone());
    tf.dispose(terms);
    return { terms: [value, ...kept], gradients: grads };
  };

  return (batch, parameters, changes = []) => {
    const count = batch.shape[0]!;
    const photos = tf.split(batch, count) as tf.Tensor4D[];
    const perPart = changes.map((part) => tf.split(part, count));
    const perPhoto = photos.map((photo, i) => {
      const change = changes.length === 0 ? undefined : perPart.map((parts) => parts[i]!);
      return lossAndGradients(photo, parameters, change);
    });
    return {
      terms: perPhoto[0]!.terms.map((_, i) => mean(perPhoto.map(({ terms }) => terms[i]!))),
      gradients: options.specs.map((_, i) => mean(perPhoto.map(({ gradients }) => gradients[i]!))),
    };
  };
}

const mean = (tensors: tf.Tensor[]) =>
  tensors.length === 1 ? tensors[0]! : tf.div(tf.addN(tensors), tensors.length);

/** Follows the gradients with Adam and keeps a running average of the weights. @returns the flattened next state. */
export function nextTrainState(
  state: TrainState,
  gradients: readonly tf.Tensor[],
  learningRate: tf.Tensor,
  averagingShare: tf.Tensor,
): tf.Tensor[] {
  const next = adamStep(state.parameters, gradients, state.adam, learningRate);
  const averaged = state.averaged.map((old, i) =>
    tf.add(old, tf.mul(averagingShare, tf.sub(next.parameters[i]!, old))),
  );
  return flatten({ parameters: next.parameters, averaged, adam: next.state });
}

/** Euclidean norms of the gradient and of the next weights: not finite as soon as one of their numbers is not. */
export function healthOf(gradients: readonly tf.Tensor[], nextState: readonly tf.Tensor[]): tf.Tensor[] {
  const norm = (tensors: readonly tf.Tensor[]) =>
    tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor)))));
  return [norm(gradients), norm(unflatten(nextState).parameters)];
}

/**
 * One training step as a pure function, closed over its constants and written in plain tfjs ops, so that it can be
 * compiled: (batch, learning rate, share of the new in the average), state → loss terms and `healthOf`, next state.
 *
 * Inputs: batch [N, H, W, 3] of RGB pixels in [0, 255]; learning rate, scalar; averaging share in (0, 1], scalar; where
 * stability is weighed, the photos' changes (`changeShapes`).
 */
export function makeTrainStep(options: TrainStepOptions): Program {
  const lossAndGradients = makeLossAndGradients(options);
  return ([batch, learningRate, averagingShare, ...changes], stateTensors) => {
    const state = unflatten(stateTensors);
    const { terms, gradients } = lossAndGradients(batch!, state.parameters, changes);
    const nextState = nextTrainState(state, gradients, learningRate!, averagingShare!);
    return { outputs: [...terms, ...healthOf(gradients, nextState)], nextState };
  };
}

/**
 * Losses of a batch under the averaged weights, without a step: (batch), state → loss terms. The state stays. Without the
 * stability term, which is of photos and their changes.
 *
 * Input: batch [N, H, W, 3] of RGB pixels in [0, 255].
 */
export function makeEvaluation(options: TrainStepOptions): Program {
  const lossOf = lossOfPhotos(options);
  return ([batch], stateTensors) => {
    const { averaged } = unflatten(stateTensors);
    const perPhoto = (tf.split(batch!, batch!.shape[0]) as tf.Tensor4D[]).map((photo) =>
      lossOf(photo)(averaged),
    );
    return { outputs: perPhoto[0]!.map((_, i) => mean(perPhoto.map((terms) => terms[i]!))) };
  };
}
