import { mapRecord, type Program } from '../../src/engine/compile/compile.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { momentMatrix, relativeMomentLoss } from '../../src/losses/moment-matrix.ts';
import { type LossNetwork, toConvention } from '../../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { type ConvolutionTensors, type Pooling, runSteps } from '../../src/networks/run-steps.ts';
import type { TrainState } from '../../src/train/step/train-state.ts';
import { nextTrainState, type StepRates } from '../../src/train/step/train-step.ts';
import {
  LEARNT,
  type LearntLayer,
  namedStudent,
  STUDENT_PADDING,
  type StudentConvolution,
  type StudentParameters,
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
const WEIGHTS = { features: 1, changes: 1, moments: 1 } as const;

/** Weight of the layer that is no part of training's default, and whose errors are the largest by far. */
const DEEPEST = { layer: 'relu5_1', weight: 0.1 } as const;

/** Errors of each learnt layer, as shares: 0 is the teacher. */
export type LayerErrors = {
  /** Σ (s − t)² over the spread of t in the mean over all pictures. */
  readonly features: tf.Scalar;
  /** Σ (Δs − Δt)² / Σ Δt² of each small change, in the mean: how well the gradient points. */
  readonly changes: tf.Scalar;
  /** `relativeMomentLoss` of the batch. */
  readonly moments: tf.Scalar;
};

/** What the student answers at its learnt layers. Caller disposes. */
function studentFeatures(
  { teacherWeights, convolutions, first, pooling }: StepOptions,
  batch: tf.Tensor4D,
  parameters: StudentParameters,
): Record<LearntLayer, tf.Tensor4D> {
  const kernels = studentKernels(convolutions, parameters).set('conv1_1', first);
  const seen = runSteps(studentSteps(), LEARNT, toConvention(batch, teacherWeights.input), {
    kernels,
    padding: STUDENT_PADDING,
    pooling,
    convolve: (x, kernel) => tf.conv2d(x, kernel, 1, 'same'),
  });
  return seen as Record<LearntLayer, tf.Tensor4D>;
}

/** The student's errors on a batch of two halves, [N, S, S, 3]. Caller disposes. */
function studentErrors(
  options: StepOptions,
  batch: tf.Tensor4D,
  targets: Readonly<Record<LearntLayer, tf.Tensor4D>>,
  parameters: StudentParameters,
): Record<LearntLayer, LayerErrors> {
  const seen = studentFeatures(options, batch, parameters);
  const errors = LEARNT.map((layer) => [
    layer,
    layerErrors(seen[layer], targets[layer], options.look.spreads[options.pooling][layer]),
  ]);
  return Object.fromEntries(errors) as Record<LearntLayer, LayerErrors>;
}

/** The layers whose style training matches. */
const STYLE_LAYERS: readonly LearntLayer[] = ['relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];

/**
 * The batch with some of its changes made by the student itself: a step down its own style loss, towards another picture of
 * the batch. Whoever minimises the student's losses goes where these point; where the student is wrong there, it learns to
 * be right.
 *
 * @param batch [N, S, S, 3], in two halves. @param steps [N / 2], root mean squares of the steps in grey levels; where 0, the
 *   change that is there stays.
 */
function withOwnSteps(
  options: StepOptions,
  batch: tf.Tensor4D,
  steps: tf.Tensor,
  parameters: StudentParameters,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [before, after] = tf.split(batch, 2) as [tf.Tensor4D, tf.Tensor4D];
    const momentsOf = (pictures: tf.Tensor4D) => {
      const seen = studentFeatures(options, pictures, parameters);
      return STYLE_LAYERS.map((layer) => momentMatrix(seen[layer]));
    };
    const targets = momentsOf(tf.reverse(before, [0]));
    const styleLoss = (pictures: tf.Tensor) =>
      tf.addN(
        momentsOf(pictures as tf.Tensor4D).map((moments, i) => relativeMomentLoss(moments, targets[i]!)),
      ) as tf.Scalar;
    const gradient = tf.grad(styleLoss)(before);
    const size = tf.sqrt(tf.mean(tf.square(gradient), [1, 2, 3], true));
    const lengths = tf.reshape(steps, [-1, 1, 1, 1]);
    const direction = tf.div(gradient, tf.add(size, 1e-20));
    const moved = tf.sub(before, tf.mul(lengths, direction));
    const chosen = tf.cast(tf.greater(lengths, 0), 'float32');
    const changed = tf.add(tf.mul(chosen, moved), tf.mul(tf.sub(1, chosen), after));
    return tf.concat([before, changed]) as tf.Tensor4D;
  });
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

/** Pictures in two halves, [N, S, S, 3], and `withOwnSteps`'s steps. */
export type DistillInputs = { readonly batch: tf.Tensor4D; readonly ownSteps: tf.Tensor };
export type DistillOutputs = Readonly<Record<LearntLayer, LayerErrors>>;

/** One step of the optimiser; answers the errors before it. */
export function makeDistillStep(
  options: StepOptions,
): Program<DistillInputs & StepRates, DistillOutputs, TrainState> {
  return ({ batch: given, ownSteps, ...rates }, state) => {
    const batch = withOwnSteps(options, given, ownSteps, state.parameters);
    const targets = teacherFeatures(options.teacher, options.look, batch);
    let kept: DistillOutputs | undefined;
    const { grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
      const parameters = namedStudent(options.convolutions, tensors);
      const errors = studentErrors(options, batch, targets, parameters);
      kept = mapRecord(errors, (error: tf.Tensor) => tf.keep(error)) as DistillOutputs;
      return tf.addN(
        Object.entries(errors).map(([layer, { features, changes, moments }]) =>
          tf.mul(
            layer === DEEPEST.layer ? DEEPEST.weight : 1,
            tf.addN([
              tf.mul(features, WEIGHTS.features),
              tf.mul(changes, WEIGHTS.changes),
              tf.mul(moments, WEIGHTS.moments),
            ]),
          ),
        ),
      ) as tf.Scalar;
    })(Object.values(state.parameters));
    const outputs = mapRecord(kept!, (error: tf.Tensor) => error.clone()) as DistillOutputs;
    tf.dispose(kept);
    const gradients = namedStudent(options.convolutions, grads);
    return { outputs, nextState: nextTrainState(state, gradients, rates) };
  };
}

/** The same errors of the averaged weights. */
export function makeDistillEvaluation(
  options: StepOptions,
): Program<DistillInputs, DistillOutputs, TrainState> {
  return ({ batch: given, ownSteps }, { averaged }) => {
    const batch = withOwnSteps(options, given, ownSteps, averaged);
    const targets = teacherFeatures(options.teacher, options.look, batch);
    return { outputs: studentErrors(options, batch, targets, averaged) };
  };
}
