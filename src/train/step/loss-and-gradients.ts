import type { Batching } from '../../engine/batching.ts';
import { joinRecords, mapRecord, type TensorRecord } from '../../engine/compile/compile.ts';
import { instanceNormalizationOfBatch } from '../../engine/ops/instance-normalization.ts';
import { padBorderInOneOp } from '../../engine/ops/pad-border.ts';
import { takeChosen } from '../../engine/ops/take-chosen.ts';
import * as tf from '../../engine/tensorflow.ts';
import { lossesOfEach } from '../../losses/losses-of-each.ts';
import { type Losses, layersOf, lossesOf, type PaintingTargets } from '../../losses/term.ts';
import { type ObjectiveWeights, termsOf } from '../../losses/terms.ts';
import type { Layer } from '../../networks/architecture.ts';
import { chooseStyle, weightedSum } from '../../networks/conditional-normalization.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import {
  type TransformNetOps,
  type TransformNetParameters,
  transformNet,
} from '../../networks/transform-net.ts';
import type { ParameterSpec } from '../../networks/transform-net-parameters.ts';
import { termNames } from './loss-values.ts';
import { type ChangeTensors, nextMoment } from './stability-changes.ts';
import type { PhotoTerms } from './style-losses.ts';
import { namedParameters } from './train-state.ts';

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

/** What a step takes of a batch besides the photos. */
export type GivenOfPhotos = {
  /** With several styles, the style of each photo, [N, S], one-hot. */
  readonly choices?: tf.Tensor | undefined;
  /** Where stability is weighed, the photos' changes. */
  readonly changes?: ChangeTensors | undefined;
};

/** Photos [N, H, W, 3] of RGB pixels in [0, 255], with what is given of each. */
export type PhotosGiven = GivenOfPhotos & { readonly photos: tf.Tensor };

/** Losses, and gradients of the total by parameter. */
export interface LossAndGradients {
  /** Means over the batch. */
  readonly losses: Losses;
  /** With several styles, each photo's terms. */
  readonly photoTerms?: PhotoTerms | undefined;
  readonly gradients: TransformNetParameters;
}

/** What differs between a graph of one photo and one of a whole batch. */
interface Form<Value extends tf.Tensor> {
  /** Of one photo scalars, of a batch [N]. */
  readonly lossesOf: (...given: Parameters<typeof lossesOf>) => Losses<Value>;
  readonly ops?: TransformNetOps;
  /** Of several [S, …], the one that is chosen by [S], one-hot, or each photo's own by [N, S]. Caller disposes. */
  readonly chosen: (ofStyles: tf.Tensor, choice: tf.Tensor) => tf.Tensor;
}

const ONE_PHOTO: Form<tf.Scalar> = { lossesOf, chosen: weightedSum };
const WHOLE_BATCH: Form<tf.Tensor> = {
  lossesOf: lossesOfEach,
  ops: { normalization: instanceNormalizationOfBatch, pad: padBorderInOneOp },
  // Not a sum of products, which would hold all statistics once for each photo.
  chosen: takeChosen,
};

/**
 * The objective on photos, in two parts: what they show, which wants no gradient, and the losses of what parameters paint of
 * them. With several styles, `choice` says which a photo is painted in: [S], one-hot, of a batch [N, S].
 */
function lossOfPhotos<Value extends tf.Tensor>(options: TrainStepOptions, form: Form<Value>) {
  const { layers, lossNetwork, frozen } = options;
  return (photos: tf.Tensor4D, choice?: tf.Tensor, change?: ChangeTensors) => {
    const { style, weights } = choice === undefined ? options : aimOfStyle(options, choice, form);
    // What has no next moment is no matter of stability.
    const terms = termsOf(change === undefined ? { ...weights, stabilityWeight: 0 } : weights);
    // 1. What the photo shows: its feature maps.
    const content = lossNetwork.featureMaps(photos, Object.keys(weights.contentLayers));
    const targets = { photo: photos, content, paintings: { 0: { statistics: style } } };
    return (parameters: TransformNetParameters): Losses<Value> => {
      // 2. Paint it; where stability is weighed, also (by the term itself) what it would be a moment later.
      const all = { ...frozen, ...parameters };
      const own = choice === undefined ? all : chooseStyle(all, choice);
      const paint = (of: tf.Tensor4D) => transformNet(layers, own, of, form.ops);
      const painted = paint(photos);
      const next = change && (() => nextMoment(paint, photos, change));
      // 3. Look at the painted picture through the loss network. 4. Compare.
      const maps = lossNetwork.featureMaps(painted, layersOf(terms));
      return form.lossesOf(terms, painted, maps, { ...targets, next });
    };
  };
}

/** What of several paintings is aimed at, and how hard, where one of them is chosen. Caller disposes. */
function aimOfStyle(
  { style, weights, styleWeights }: TrainStepOptions,
  choice: tf.Tensor,
  { chosen }: Pick<Form<tf.Tensor>, 'chosen'>,
): Pick<TrainStepOptions, 'style' | 'weights'> {
  const targets = Object.entries(style).map(([layer, all]) => {
    const target = tf.tidy(() => {
      const own = chosen(all, choice);
      return choice.rank === 1 ? tf.stack([own]) : own;
    });
    return [layer, target] as const;
  });
  const own = styleWeights === undefined ? weights.styleWeight : chosen(styleWeights, choice);
  return { style: Object.fromEntries(targets), weights: { ...weights, styleWeight: own } };
}

/** A photo's losses under given parameters. @param choice the style to paint it in, [1, S], one-hot. Caller disposes. */
export function makePhotoLosses(
  options: TrainStepOptions,
): (photo: tf.Tensor4D, choice: tf.Tensor | undefined, parameters: TransformNetParameters) => Losses {
  const lossOf = lossOfPhotos(options, ONE_PHOTO);
  return (photo, choice, parameters) => lossOf(photo, choiceOfPhoto(choice)(0))(parameters);
}

/** Losses and gradients of a batch, in plain tfjs ops: means over its photos. */
export function makeLossAndGradients(
  options: TrainStepOptions,
  batching: Batching,
): (given: PhotosGiven, parameters: TransformNetParameters) => LossAndGradients {
  return batching === 'per-photo' ? photoByPhoto(options) : wholeBatch(options);
}

function photoByPhoto(options: TrainStepOptions): ReturnType<typeof makeLossAndGradients> {
  const lossOf = lossOfPhotos(options, ONE_PHOTO);
  return ({ photos, choices, changes }, parameters) => {
    const count = photos.shape[0]!;
    const each = tf.split(photos, count) as tf.Tensor4D[];
    const ofEach =
      changes && Object.entries(changes).map(([name, all]) => [name, tf.split(all, count)] as const);
    const choice = choiceOfPhoto(choices);
    const perPhoto = each.map((photo, i) => {
      const change = ofEach && Object.fromEntries(ofEach.map(([name, parts]) => [name, parts[i]!]));
      const lossOfPhoto = lossOf(photo, choice(i), change as ChangeTensors | undefined);
      return withGradients(options.specs, parameters, lossOfPhoto, (total) => total);
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

function wholeBatch(options: TrainStepOptions): ReturnType<typeof makeLossAndGradients> {
  const lossOf = lossOfPhotos(options, WHOLE_BATCH);
  const meanOfPhotos = (of: tf.Tensor) => tf.mean(of) as tf.Scalar;
  return ({ photos, choices, changes }, parameters) => {
    const lossOfBatch = lossOf(photos as tf.Tensor4D, choices, changes);
    const { losses, gradients } = withGradients(options.specs, parameters, lossOfBatch, meanOfPhotos);
    const terms = termNames(losses).map((name) => [name, losses[name] as tf.Tensor]);
    return {
      losses: mapRecord(losses, meanOfPhotos) as Losses,
      gradients,
      ...(choices !== undefined && { photoTerms: Object.fromEntries(terms) }),
    };
  };
}

/** Losses, and the gradients of their total. @param scalar the total as a scalar. */
function withGradients<Value extends tf.Tensor>(
  specs: readonly ParameterSpec[],
  parameters: TransformNetParameters,
  lossOf: (parameters: TransformNetParameters) => Losses<Value>,
  scalar: (total: Value) => tf.Scalar,
): { readonly losses: Losses<Value>; readonly gradients: TransformNetParameters } {
  let kept: Losses<Value> | undefined;
  const { grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const losses = lossOf(namedParameters(specs, tensors));
    // Kept: the gradient's scope would take them away.
    kept = mapLosses(losses, (loss) => tf.keep(loss.clone()));
    return scalar(losses.total);
  })(specs.map(({ name }) => parameters[name]!));
  const losses = mapLosses(kept!, (loss) => loss.clone());
  tf.dispose(kept);
  return { losses, gradients: namedParameters(specs, grads) };
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
