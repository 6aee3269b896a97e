import type { ProgramResult } from '../../src/engine/compile/compile.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { momentMatrix, relativeMomentLoss } from '../../src/losses/moment-matrix.ts';
import { type LossNetwork, toConvention } from '../../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { type ConvolutionTensors, type Pooling, runSteps } from '../../src/networks/run-steps.ts';
import { unflatten } from '../../src/train/train-state.ts';
import { nextTrainState } from '../../src/train/train-step.ts';
import {
  LEARNT,
  type LearntLayer,
  STUDENT_PADDING,
  type StudentConvolution,
  studentKernels,
  studentSteps,
} from './student.ts';
import { type TeacherLook, teacherFeatures } from './teacher.ts';

export interface StepOptions {
  readonly teacher: LossNetwork;
  readonly teacherWeights: LossNetworkWeights;
  readonly look: TeacherLook;
  readonly convolutions: readonly StudentConvolution[];
  /** The teacher's own first convolution, which the student has as it is. */
  readonly first: ConvolutionTensors;
  readonly pooling: Pooling;
}

/** Weights of the three errors of a layer. */
const WEIGHTS = { features: 1, changes: 1, moments: 0.3 } as const;

/** Errors of each learnt layer, as shares: 0 is the teacher. */
export interface LayerErrors {
  /** Σ (s − t)² over the spread of t in the mean over all pictures. */
  readonly features: tf.Scalar;
  /** Σ (Δs − Δt)² / Σ Δt² of each small change, in the mean: how well the gradient points. */
  readonly changes: tf.Scalar;
  /** `relativeMomentLoss` of the batch. */
  readonly moments: tf.Scalar;
}

/** The student's errors on a batch of `drawBatch`, [N, S, S, 3]. Caller disposes. */
export function studentErrors(
  options: StepOptions,
  batch: tf.Tensor4D,
  targets: Readonly<Record<LearntLayer, tf.Tensor4D>>,
  parameters: readonly tf.Tensor[],
): Record<LearntLayer, LayerErrors> {
  const { teacherWeights, look, convolutions, first, pooling } = options;
  const kernels = studentKernels(convolutions, parameters).set('conv1_1', first);
  const seen = runSteps(studentSteps(), LEARNT, toConvention(batch, teacherWeights.input), {
    kernels,
    padding: STUDENT_PADDING,
    pooling,
    convolve: (x, kernel) => tf.conv2d(x, kernel, 1, 'same'),
  });
  const errors = LEARNT.map((layer) => [
    layer,
    layerErrors(seen[layer]!, targets[layer], look.spreads[layer]),
  ]);
  return Object.fromEntries(errors) as Record<LearntLayer, LayerErrors>;
}

function layerErrors(seen: tf.Tensor4D, target: tf.Tensor4D, spread: number): LayerErrors {
  const [, height, width] = target.shape;
  const energy = (x: tf.Tensor) => tf.sum(tf.square(x), [1, 2, 3]);
  const change = (x: tf.Tensor) => {
    const [before, after] = tf.split(x, 2);
    return tf.sub(after!, before!);
  };
  const positions = height * width;
  const features = tf.div(tf.mean(energy(tf.sub(seen, target))), positions * spread);
  const changed = change(target);
  // A change that hardly shows at a layer must not count more than it shows.
  const least = 1e-3 * positions * spread;
  const changes = tf.mean(tf.div(energy(tf.sub(change(seen), changed)), tf.add(energy(changed), least)));
  const moments = relativeMomentLoss(momentMatrix(seen), momentMatrix(target));
  return { features, changes, moments } as LayerErrors;
}

/** (batch, learning rate, averaging share), state → features, changes and moments of each layer one after the other. */
export function makeDistillStep(options: StepOptions) {
  return ([batch, rate, share]: readonly tf.Tensor[], stateTensors: readonly tf.Tensor[]): ProgramResult => {
    const state = unflatten(stateTensors);
    const targets = teacherFeatures(options.teacher, options.look, batch as tf.Tensor4D);
    const kept: tf.Tensor[] = [];
    const { grads } = tf.valueAndGrads((...parameters: tf.Tensor[]) => {
      const errors = Object.values(studentErrors(options, batch as tf.Tensor4D, targets, parameters));
      kept.push(
        ...errors
          .flatMap(({ features, changes, moments }) => [features, changes, moments])
          .map((e) => tf.keep(e)),
      );
      return tf.addN(
        errors.map(({ features, changes, moments }) =>
          tf.addN([
            tf.mul(features, WEIGHTS.features),
            tf.mul(changes, WEIGHTS.changes),
            tf.mul(moments, WEIGHTS.moments),
          ]),
        ),
      ) as tf.Scalar;
    })([...state.parameters]);
    const outputs = kept.map((e) => e.clone());
    tf.dispose(kept);
    return { outputs, nextState: nextTrainState(state, grads, rate!, share!) };
  };
}

/** (batch), state → the same errors of the averaged weights. */
export function makeDistillEvaluation(options: StepOptions) {
  return ([batch]: readonly tf.Tensor[], stateTensors: readonly tf.Tensor[]): ProgramResult => {
    const { averaged } = unflatten(stateTensors);
    const targets = teacherFeatures(options.teacher, options.look, batch as tf.Tensor4D);
    const errors = studentErrors(options, batch as tf.Tensor4D, targets, averaged);
    return {
      outputs: Object.values(errors).flatMap(({ features, changes, moments }) => [
        features,
        changes,
        moments,
      ]),
    };
  };
}
