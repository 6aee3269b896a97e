import type { Batching } from '../../engine/batching.ts';
import { mapRecord, type Program } from '../../engine/compile/compile.ts';
import * as tf from '../../engine/tensorflow.ts';
import { type StyleMeasure, styleStatisticOf } from '../../losses/style-term.ts';
import type { Losses, PaintingTargets } from '../../losses/term.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import type { TransformNetParameters } from '../../networks/transform-net.ts';
import { adamStep, clippedGradients, globalNorm } from './adam.ts';
import { flatParameters, flatState, unflattenedParameters, unflattenedState } from './flat-parameters.ts';
import {
  type LossAndGradients,
  makeLossAndGradients,
  makePhotoLosses,
  type PhotosGiven,
  type TrainStepOptions,
} from './loss-and-gradients.ts';
import type { PhotoTerms } from './style-losses.ts';
import type { TrainState } from './train-state.ts';

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

/** How a step computes: losses and gradients of a batch, and the state that it works on, whose parameters may be flat. */
export interface StepForm {
  readonly lossAndGradients: (given: PhotosGiven, parameters: TransformNetParameters) => LossAndGradients;
  /** The state's parameters as the transform net takes them. Caller disposes. */
  readonly named: (parameters: TransformNetParameters) => TransformNetParameters;
  /** A state of named parameters as this form's, and the other way round. Caller disposes. */
  readonly fromNamed: (state: TrainState) => TrainState;
  readonly toNamed: (state: TrainState) => TrainState;
}

/** The step photo by photo on each parameter by itself, or of the whole batch on all parameters in one tensor. */
export function stepForm(options: TrainStepOptions, batching: Batching): StepForm {
  const { specs } = options;
  const lossAndGradients = makeLossAndGradients(options, batching);
  if (batching === 'per-photo') {
    const copied = (state: TrainState) =>
      mapRecord(state, (tensor: tf.Tensor) => tensor.clone()) as TrainState;
    return { lossAndGradients, named: (parameters) => parameters, fromNamed: copied, toNamed: copied };
  }
  const named = (flat: TransformNetParameters) => unflattenedParameters(specs, flat);
  return {
    lossAndGradients(given, flat) {
      const { gradients, ...losses } = lossAndGradients(given, named(flat));
      return { ...losses, gradients: flatParameters(specs, gradients) };
    },
    named,
    fromNamed: (state) => flatState(specs, state),
    toNamed: (state) => unflattenedState(specs, state),
  };
}

/**
 * One training step as a pure function, closed over its constants and written in plain tfjs ops, so that it can be
 * compiled. Its state is of the form.
 */
export function makeTrainStep(
  { lossAndGradients }: StepForm,
  clipNorm?: number,
): Program<StepInputs, StepOutputs, TrainState> {
  return ({ learningRate, averagingShare, ...given }, state) => {
    const { gradients, ...losses } = lossAndGradients(given, state.parameters);
    const nextState = nextTrainState(state, gradients, { learningRate, averagingShare }, clipNorm);
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
  named: StepForm['named'] = (parameters) => parameters,
): (given: EvaluationInputs, state: Pick<TrainState, 'averaged'>) => Losses {
  const lossesOf = makePhotoLosses(options);
  return ({ photos, choices }, { averaged }) => lossesOf(photos as tf.Tensor4D, choices, named(averaged));
}
