import { joinRecords, mapRecord, type Program, type TensorRecord } from '../../engine/compile/compile.ts';
import * as tf from '../../engine/tensorflow.ts';
import { type StyleMeasure, styleStatisticOf } from '../../losses/style-term.ts';
import { type Losses, layersOf, lossesOf, type PaintingTargets } from '../../losses/term.ts';
import { type ObjectiveWeights, termsOf } from '../../losses/terms.ts';
import type { Layer } from '../../networks/architecture.ts';
import { chooseStyle, weightedSum } from '../../networks/conditional-normalization.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import { type TransformNetParameters, transformNet } from '../../networks/transform-net.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import { adamStep, clippedGradients, globalNorm } from './adam.ts';
import { termNames } from './loss-values.ts';
import { type ChangeTensors, nextMoment } from './stability-changes.ts';
import type { PhotoTerms } from './style-losses.ts';
import { namedParameters, type TrainState } from './train-state.ts';

export interface TrainStepOptions {
  readonly layers: readonly Layer[];
  readonly specs: readonly ParameterSpec[];
  readonly lossNetwork: LossNetwork;
  /** The painting's Gram matrices at the style layers (`styleTargets`); of several paintings stacked, [S, C, C]. */
  readonly style: PaintingTargets['statistics'];
  /** Its terms are the objective (`termsOf`). */
  readonly weights: ObjectiveWeights;
  /** For several styles in one network, each style's weight in place of `weights.styleWeight`, [S]. */
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
  measure: StyleMeasure = {},
): PaintingTargets['statistics'] {
  return tf.tidy(() => {
    const maps = lossNetwork.featureMaps(painting, layers);
    return Object.fromEntries(
      Object.entries(maps).map(([layer, map]) => [layer, styleStatisticOf(measure, map)]),
    );
  });
}

/** What a step takes of a batch besides the photos. */
export type GivenOfPhotos = {
  /** With several styles, the style of each photo, [N, S], one-hot. */
  readonly choices?: tf.Tensor | undefined;
  /** Where stability is weighed, the photos' changes. */
  readonly changes?: ChangeTensors | undefined;
};

/** Photos [N, H, W, 3] of RGB pixels in [0, 255], with what is given of each. */
export type PhotosGiven = GivenOfPhotos & { readonly photos: tf.Tensor };

export type StepRates = {
  /** Scalar. */
  readonly learningRate: tf.Tensor;
  /** Share of the new in the average of the weights, scalar in (0, 1]. */
  readonly averagingShare: tf.Tensor;
};

export type StepInputs = PhotosGiven & StepRates;

/** What shows whether a step went well. */
export type HealthTensors = {
  /** Euclidean norms of the gradient and of the next weights: not finite as soon as one of their numbers is not. */
  readonly gradientNorm: tf.Tensor;
  readonly weightNorm: tf.Tensor;
};

export type StepOutputs = {
  /** Means over the batch. */
  readonly losses: Losses;
  /** With several styles, each photo's terms. */
  readonly photoTerms?: PhotoTerms | undefined;
  readonly health: HealthTensors;
};

/** Losses, and gradients of the total by parameter. */
export interface LossAndGradients extends Pick<StepOutputs, 'losses' | 'photoTerms'> {
  readonly gradients: TransformNetParameters;
}

/**
 * The objective on one photo, in two parts: what the photo shows, which wants no gradient, and the losses of what
 * parameters paint of it. With several styles, `choice` says which the photo is painted in: [S], one-hot.
 */
function lossOfPhotos(options: TrainStepOptions) {
  const { layers, lossNetwork, frozen } = options;
  return (photo: tf.Tensor4D, choice?: tf.Tensor, change?: ChangeTensors) => {
    const { style, weights } = choice === undefined ? options : aimOfStyle(options, choice);
    // What has no next moment is no matter of stability.
    const terms = termsOf(change === undefined ? { ...weights, stabilityWeight: 0 } : weights);
    // 1. What the photo shows: its feature maps.
    const content = lossNetwork.featureMaps(photo, Object.keys(weights.contentLayers));
    const targets = { photo, content, paintings: { 0: { statistics: style } } };
    return (parameters: TransformNetParameters): Losses => {
      // 2. Paint it; where stability is weighed, also (by the term itself) what it would be a moment later.
      const all = { ...frozen, ...parameters };
      const own = choice === undefined ? all : chooseStyle(all, choice);
      const paint = (of: tf.Tensor4D) => transformNet(layers, own, of);
      const painted = paint(photo);
      const next = change && (() => nextMoment(paint, photo, change));
      // 3. Look at the painted picture through the loss network. 4. Compare.
      const maps = lossNetwork.featureMaps(painted, layersOf(terms));
      return lossesOf(terms, painted, maps, { ...targets, next });
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
  const own = styleWeights === undefined ? weights.styleWeight : weightedSum(styleWeights, choice);
  return { style: Object.fromEntries(targets), weights: { ...weights, styleWeight: own } };
}

/**
 * Losses and gradients of a batch, in plain tfjs ops: means over its images, which go through one by one, since instance
 * normalisation of a single image is one fused op.
 */
export function makeLossAndGradients(
  options: TrainStepOptions,
): (given: PhotosGiven, parameters: TransformNetParameters) => LossAndGradients {
  const lossOf = lossOfPhotos(options);
  const { specs } = options;

  const lossAndGradients = (
    photo: tf.Tensor4D,
    parameters: TransformNetParameters,
    choice: tf.Tensor | undefined,
    change: ChangeTensors | undefined,
  ) => {
    const lossOfPhoto = lossOf(photo, choice, change);
    let kept: Omit<Losses, 'total'> | undefined;
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
      const { total, ...others } = lossOfPhoto(namedParameters(specs, tensors));
      // Kept: the gradient's scope would take them away.
      kept = mapLosses(others, (loss) => tf.keep(loss));
      return total;
    })(specs.map(({ name }) => parameters[name]!));
    const others = mapLosses(kept!, (loss) => loss.clone());
    tf.dispose(kept);
    return {
      losses: { total: value, ...others } as Losses,
      gradients: namedParameters(specs, grads),
    };
  };

  return ({ photos, choices, changes }, parameters) => {
    const count = photos.shape[0]!;
    const each = tf.split(photos, count) as tf.Tensor4D[];
    const ofEach =
      changes && Object.entries(changes).map(([name, all]) => [name, tf.split(all, count)] as const);
    const choice = choiceOfPhoto(choices);
    const perPhoto = each.map((photo, i) => {
      const change = ofEach && Object.fromEntries(ofEach.map(([name, parts]) => [name, parts[i]!]));
      return lossAndGradients(photo, parameters, choice(i), change as ChangeTensors | undefined);
    });
    const all = perPhoto.map(({ losses }) => losses);
    return {
      losses: joinRecords(all, mean),
      gradients: joinRecords(
        perPhoto.map(({ gradients }) => gradients),
        mean,
      ),
      ...(choices !== undefined && { photoTerms: termsOfPhotos(all) }),
    };
  };
}

function mapLosses<Some extends object>(losses: Some, make: (loss: tf.Tensor) => tf.Tensor): Some {
  return mapRecord(losses as TensorRecord, make) as Some;
}

function termsOfPhotos(photos: readonly Losses[]): PhotoTerms {
  const names = termNames(photos[0]!);
  const stacked = (name: string) => tf.stack(photos.map((losses) => losses[name] as tf.Scalar));
  return Object.fromEntries(names.map((name) => [name, stacked(name)]));
}

/** Each photo's row of [N, S] as [S]. */
function choiceOfPhoto(choices: tf.Tensor | undefined): (photo: number) => tf.Tensor | undefined {
  if (choices === undefined) return () => undefined;
  const rows = tf.unstack(choices);
  return (photo) => rows[photo]!;
}

/** Mean of some tensors; of a single one itself. */
const mean = (tensors: tf.Tensor[]): tf.Tensor =>
  tensors.length === 1 ? tensors[0]! : tf.div(tf.addN(tensors), tensors.length);

/** Follows the gradients with Adam and keeps a running average of the weights. */
export function nextTrainState(
  state: TrainState,
  gradients: TransformNetParameters,
  { learningRate, averagingShare }: StepRates,
  clipNorm = 0,
): TrainState {
  const followed = clipNorm === 0 ? gradients : clippedGradients(gradients, clipNorm);
  const next = adamStep(state.parameters, followed, state.adam, learningRate);
  const averaged = Object.entries(state.averaged).map(([name, old]) => [
    name,
    tf.add(old, tf.mul(averagingShare, tf.sub(next.parameters[name]!, old))),
  ]);
  return { parameters: next.parameters, averaged: Object.fromEntries(averaged), adam: next.state };
}

export function healthOf(gradients: TransformNetParameters, next: TrainState): HealthTensors {
  return {
    gradientNorm: globalNorm(Object.values(gradients)),
    weightNorm: globalNorm(Object.values(next.parameters)),
  };
}

/**
 * One training step as a pure function, closed over its constants and written in plain tfjs ops, so that it can be
 * compiled.
 */
export function makeTrainStep(options: TrainStepOptions): Program<StepInputs, StepOutputs, TrainState> {
  const lossAndGradients = makeLossAndGradients(options);
  return ({ learningRate, averagingShare, ...given }, state) => {
    const { gradients, ...losses } = lossAndGradients(given, state.parameters);
    const nextState = nextTrainState(state, gradients, { learningRate, averagingShare }, options.clipNorm);
    return { outputs: { ...losses, health: healthOf(gradients, nextState) }, nextState };
  };
}

/** One photo [1, H, W, 3], with several styles the one to paint it in. */
export type EvaluationInputs = Omit<PhotosGiven, 'changes'>;

/**
 * Losses of a photo under the averaged weights, without a step. The state stays. Without the stability term, which is of
 * photos and their changes.
 */
export function makeEvaluation(
  options: TrainStepOptions,
): (given: EvaluationInputs, state: Pick<TrainState, 'averaged'>) => Losses {
  const lossOf = lossOfPhotos(options);
  return ({ photos, choices }, { averaged }) =>
    lossOf(photos as tf.Tensor4D, choiceOfPhoto(choices)(0))(averaged);
}
