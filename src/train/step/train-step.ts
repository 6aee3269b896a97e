import type { Program } from '../../engine/compile/compile.ts';
import * as tf from '../../engine/tensorflow.ts';
import {
  type PerceptualTargets,
  type PerceptualWeights,
  perceptualLoss,
} from '../../losses/perceptual-loss.ts';
import { STYLE_STATISTICS, type StyleStatistic } from '../../losses/style-statistic.ts';
import type { Layer } from '../../networks/architecture.ts';
import { chooseStyle, weightedSum } from '../../networks/conditional-normalization.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import { type TransformNetParameters, transformNet } from '../../networks/transform-net.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import { adamStep } from './adam.ts';
import { clippedGradients } from './clip-gradients.ts';
import { globalNorm } from './global-norm.ts';
import { lossScalars } from './loss-values.ts';
import { stabilityTerm } from './stability-term.ts';
import { flatten, type TrainState, unflatten } from './train-state.ts';

export interface TrainStepOptions {
  readonly layers: readonly Layer[];
  readonly specs: readonly ParameterSpec[];
  readonly lossNetwork: LossNetwork;
  /** The painting's Gram matrices at the style layers (`styleTargets`); of several paintings stacked, [S, C, C]. */
  readonly style: PerceptualTargets['style'];
  readonly weights: PerceptualWeights;
  /** Weight of the stability term (`stabilityTerm`); with 0, the default, nothing of it is computed. */
  readonly stabilityWeight?: number;
  /** For several styles in one network, each style's weight in place of `weights.style`, [S]. */
  readonly styleWeights?: tf.Tensor | undefined;
  /** Longest gradient that a step follows (`clippedGradients`); with 0, the default, it may be any. */
  readonly clipNorm?: number;
  /** Parameters that are not trained; `specs` are those that are. */
  readonly frozen?: TransformNetParameters | undefined;
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
  /** With several styles: the terms of each photo, [N, terms]. */
  readonly photoTerms: readonly tf.Tensor[];
}

/**
 * The objective on one photo, in two parts: what the photo shows, which wants no gradient, and the losses of what
 * parameters paint of it. With several styles, `choice` says which the photo is painted in: [S], one-hot.
 */
function lossOfPhotos(options: TrainStepOptions) {
  const { layers, specs, lossNetwork, weights, frozen, stabilityWeight = 0 } = options;
  const contentLayers = Object.keys(weights.contentLayers);
  const allLayers = [...new Set([...contentLayers, ...Object.keys(weights.styleLayers)])];
  return (photo: tf.Tensor4D, choice?: tf.Tensor, change?: readonly tf.Tensor[]) => {
    // 1. What the photo shows: its feature maps.
    const content = lossNetwork.featureMaps(photo, contentLayers);
    const aim = choice === undefined ? options : aimOfStyle(options, choice);
    return (parameters: readonly tf.Tensor[]) => {
      // 2. Paint it. 3. Look at the painted picture through the loss network. 4. Compare.
      const all = { ...frozen, ...namedParameters(specs, parameters) };
      const own = choice === undefined ? all : chooseStyle(all, choice);
      const paint = (of: tf.Tensor4D) => transformNet(layers, own, of);
      const painted = paint(photo);
      const features = lossNetwork.featureMaps(painted, allLayers);
      const loss = perceptualLoss(painted, features, { content, style: aim.style }, aim.weights);
      if (change === undefined) return lossScalars(loss, { weights });
      // 5. Paint what the photo would be a moment later, and see whether the painting follows.
      const stability = stabilityTerm(paint, photo, painted, change);
      const total = tf.add(loss.total, tf.mul(stability, stabilityWeight)) as tf.Scalar;
      return lossScalars({ ...loss, total, stability }, { weights, stabilityWeight });
    };
  };
}

/** What of several paintings is aimed at, and how hard, where one of them is chosen. Caller disposes. */
function aimOfStyle(
  { style, weights, styleWeights }: TrainStepOptions,
  choice: tf.Tensor,
): Pick<TrainStepOptions, 'style' | 'weights'> {
  const targets = Object.entries(style).map(
    ([layer, all]) => [layer, tf.tidy(() => tf.stack([weightedSum(all, choice)]))] as const,
  );
  const own = styleWeights === undefined ? weights.style : weightedSum(styleWeights, choice);
  return { style: Object.fromEntries(targets), weights: { ...weights, style: own } };
}

/**
 * Losses and gradients of a batch, in plain tfjs ops: means over its images, which go through one by one, since instance
 * normalisation of a single image is one fused op.
 *
 * @returns (batch [N, H, W, 3] of RGB pixels in [0, 255], parameters, with several styles each photo's choice [N, S] and
 *   then its changes where stability is weighed) → scalars and gradients.
 */
export function makeLossAndGradients(
  options: TrainStepOptions,
): (batch: tf.Tensor, parameters: readonly tf.Tensor[], given?: readonly tf.Tensor[]) => LossAndGradients {
  const lossOf = lossOfPhotos(options);

  const lossAndGradients = (
    photo: tf.Tensor4D,
    parameters: readonly tf.Tensor[],
    choice: tf.Tensor | undefined,
    change: readonly tf.Tensor[] | undefined,
  ) => {
    const lossOfPhoto = lossOf(photo, choice, change);
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

  return (batch, parameters, given = []) => {
    const count = batch.shape[0]!;
    const choices = options.styleWeights === undefined ? undefined : given[0];
    const changes = choices === undefined ? given : given.slice(1);
    const photos = tf.split(batch, count) as tf.Tensor4D[];
    const perPart = changes.map((part) => tf.split(part, count));
    const choice = choiceOfPhoto(choices);
    const perPhoto = photos.map((photo, i) => {
      const change = changes.length === 0 ? undefined : perPart.map((parts) => parts[i]!);
      return lossAndGradients(photo, parameters, choice(i), change);
    });
    return {
      terms: perPhoto[0]!.terms.map((_, i) => mean(perPhoto.map(({ terms }) => terms[i]!))),
      gradients: options.specs.map((_, i) => mean(perPhoto.map(({ gradients }) => gradients[i]!))),
      photoTerms: choices === undefined ? [] : [tf.stack(perPhoto.map(({ terms }) => tf.stack(terms)))],
    };
  };
}

/** Each photo's row of [N, S] as [S]. */
function choiceOfPhoto(choices: tf.Tensor | undefined): (photo: number) => tf.Tensor | undefined {
  if (choices === undefined) return () => undefined;
  const rows = tf.unstack(choices);
  return (photo) => rows[photo]!;
}

const mean = (tensors: tf.Tensor[]) =>
  tensors.length === 1 ? tensors[0]! : tf.div(tf.addN(tensors), tensors.length);

/** Follows the gradients with Adam and keeps a running average of the weights. @returns the flattened next state. */
export function nextTrainState(
  state: TrainState,
  gradients: readonly tf.Tensor[],
  learningRate: tf.Tensor,
  averagingShare: tf.Tensor,
  clipNorm = 0,
): tf.Tensor[] {
  const followed = clipNorm === 0 ? gradients : clippedGradients(gradients, clipNorm);
  const next = adamStep(state.parameters, followed, state.adam, learningRate);
  const averaged = state.averaged.map((old, i) =>
    tf.add(old, tf.mul(averagingShare, tf.sub(next.parameters[i]!, old))),
  );
  return flatten({ parameters: next.parameters, averaged, adam: next.state });
}

/** Euclidean norms of the gradient and of the next weights: not finite as soon as one of their numbers is not. */
export function healthOf(gradients: readonly tf.Tensor[], nextState: readonly tf.Tensor[]): tf.Tensor[] {
  return [globalNorm(gradients), globalNorm(unflatten(nextState).parameters)];
}

/**
 * One training step as a pure function, closed over its constants and written in plain tfjs ops, so that it can be
 * compiled: (batch, learning rate, share of the new in the average), state → loss terms and `healthOf`, next state.
 *
 * Inputs: batch [N, H, W, 3] of RGB pixels in [0, 255]; learning rate, scalar; averaging share in (0, 1], scalar; with
 * several styles the style of each photo, [N, S], one-hot (`photoTerms` then come behind the loss terms); where stability is
 * weighed, the photos' changes (`changeShapes`).
 */
export function makeTrainStep(options: TrainStepOptions): Program {
  const lossAndGradients = makeLossAndGradients(options);
  return ([batch, learningRate, averagingShare, ...given], stateTensors) => {
    const state = unflatten(stateTensors);
    const { terms, gradients, photoTerms } = lossAndGradients(batch!, state.parameters, given);
    const nextState = nextTrainState(state, gradients, learningRate!, averagingShare!, options.clipNorm);
    return { outputs: [...terms, ...photoTerms, ...healthOf(gradients, nextState)], nextState };
  };
}

/**
 * Losses of a photo under the averaged weights, without a step: (photo), state → loss terms. The state stays. Without the
 * stability term, which is of photos and their changes.
 *
 * Input: photo [1, H, W, 3] of RGB pixels in [0, 255]; with several styles, its style, [1, S], one-hot.
 */
export function makeEvaluation(options: TrainStepOptions): Program {
  const lossOf = lossOfPhotos(options);
  return ([photo, choice], stateTensors) => {
    const { averaged } = unflatten(stateTensors);
    return { outputs: lossOf(photo as tf.Tensor4D, choiceOfPhoto(choice)(0))(averaged) };
  };
}
