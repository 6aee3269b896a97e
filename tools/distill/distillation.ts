import { type CompiledFunctions, compileTogether } from '../../src/engine/compile/compile-together.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { Pooling } from '../../src/networks/run-steps.ts';
import { averagingShareAt } from '../../src/train/step/schedule.ts';
import { initialTrainState, type TrainState } from '../../src/train/step/train-state.ts';
import type { StepRates } from '../../src/train/step/train-step.ts';
import {
  type DistillInputs,
  type DistillOutputs,
  makeDistillEvaluation,
  makeDistillStep,
} from './distill-step.ts';
import { grownStudent } from './grow.ts';
import type { PicturePair } from './pictures.ts';
import {
  LEARNT,
  type LearntLayer,
  namedStudent,
  type StudentConvolution,
  type StudentShape,
  studentConvolutions,
  studentWeights,
} from './student.ts';
import { lookAtTeacher, type TeacherLook } from './teacher.ts';
import { thinnedTeacher } from './thin.ts';

/** A layer's errors as numbers; see `LayerErrors`. */
export type Errors = Readonly<
  Record<LearntLayer, { readonly features: number; readonly changes: number; readonly moments: number }>
>;

export interface DistillationOptions {
  readonly teacher: LossNetworkWeights;
  readonly shape: StudentShape;
  /** What the axes of the teacher's layers are found from. */
  readonly pictures: readonly PicturePair[];
  /** Crops in a batch, even, and their side, px. */
  readonly batch: number;
  readonly size: number;
  readonly seed: number;
  /** An earlier student to begin with, of this shape or a smaller one. The teacher, thinned, where there is none. */
  readonly from?: LossNetworkWeights | undefined;
}

/** Decay of the running average of the student's weights, which is what is kept. */
const AVERAGING = 0.998;

/** A quarter of the pictures is enough for the teacher's axes. */
const LOOK_EVERY = 4;

type Step = { readonly inputs: DistillInputs & StepRates; readonly outputs: DistillOutputs };
type Evaluation = { readonly inputs: DistillInputs; readonly outputs: DistillOutputs };
type DistillFunctions = {
  readonly step_max: Step;
  readonly step_average: Step;
  readonly evaluate_max: Evaluation;
  readonly evaluate_average: Evaluation;
};

/** A student on its way. Owns tensors. */
export class Distillation {
  readonly look: TeacherLook;
  readonly #options: DistillationOptions;
  readonly #convolutions: readonly StudentConvolution[];
  readonly #functions: CompiledFunctions<DistillFunctions, TrainState>;

  constructor(options: DistillationOptions) {
    const { teacher, shape, pictures, batch, size, seed, from } = options;
    this.#options = options;
    const teachers = { max: new LossNetwork(teacher), average: new LossNetwork(teacher, 'average') };
    const some = pictures.filter((_, i) => i % LOOK_EVERY === 0);
    this.look = lookAtTeacher(teachers, some, shape.coordinates);
    const { kernel, kernelShape, bias } = teacher.layers.get('conv1_1')!;
    this.#convolutions = studentConvolutions(shape, kernelShape[3], this.look.scales);
    const first = { kernel: tf.tensor4d(kernel, [...kernelShape]), bias: tf.tensor1d(bias) };
    const parameters =
      from === undefined
        ? thinnedTeacher({
            teacher,
            look: this.look,
            shape,
            convolutions: this.#convolutions,
            pictures: some,
            seed,
          })
        : grownStudent(this.#convolutions, from);
    const state = initialTrainState(namedStudent(this.#convolutions, parameters));
    const inputs = { batch: [batch, size, size, 3], ownSteps: [batch / 2] };
    const functionsOf = (pooling: Pooling) => {
      const of = {
        teacher: teachers[pooling],
        teacherWeights: teacher,
        look: this.look,
        convolutions: this.#convolutions,
        first,
        pooling,
      };
      return {
        step: {
          program: makeDistillStep(of),
          inputs: { ...inputs, learningRate: [], averagingShare: [] },
        },
        evaluate: { program: makeDistillEvaluation(of), inputs },
      };
    };
    const [max, average] = [functionsOf('max'), functionsOf('average')];
    const constants = [
      ...Object.values(teachers).flatMap(({ tensors }) => [...tensors]),
      ...Object.values(this.look.axes),
      first.kernel,
      first.bias,
    ];
    this.#functions = compileTogether<DistillFunctions, TrainState>(
      {
        step_max: max.step,
        step_average: average.step,
        evaluate_max: max.evaluate,
        evaluate_average: average.evaluate,
      },
      { state, constants },
    );
    tf.dispose([state, constants]);
  }

  /** One step on a batch of `drawBatch`. @param ownSteps of `drawOwnSteps`. @param step from 0. @returns the batch's errors before it. */
  step(
    batch: Float32Array,
    ownSteps: readonly number[],
    pooling: Pooling,
    learningRate: number,
    step: number,
  ): Errors {
    const inputs = {
      batch: this.#batch(batch),
      ownSteps: tf.tensor1d([...ownSteps]),
      learningRate: tf.scalar(learningRate),
      averagingShare: tf.scalar(averagingShareAt(step, AVERAGING)),
    };
    return errorsOf(this.#functions.run[`step_${pooling}`](inputs), inputs);
  }

  /**
   * Errors of the averaged weights, in the mean over some batches.
   *
   * @param ownStep where above 0, of changes down the student's own style loss by so many grey levels.
   */
  evaluate(batches: readonly Float32Array[], pooling: Pooling, ownStep = 0): Errors {
    const evaluate = this.#functions.run[`evaluate_${pooling}`];
    const found = batches.map((batch) => {
      const inputs = {
        batch: this.#batch(batch),
        ownSteps: tf.fill([this.#options.batch / 2], ownStep),
      };
      return errorsOf(evaluate(inputs), inputs);
    });
    return meanErrors(found);
  }

  /** The student as it is, with averaged weights. */
  weights(): LossNetworkWeights {
    const state = this.#functions.readState();
    try {
      return studentWeights(this.#options.teacher, this.#convolutions, state.averaged);
    } finally {
      tf.dispose(state);
    }
  }

  dispose(): void {
    this.#functions.dispose();
  }

  #batch(pixels: Float32Array): tf.Tensor4D {
    const { batch, size } = this.#options;
    return tf.tensor4d(pixels, [batch, size, size, 3]);
  }
}

const KINDS = ['features', 'changes', 'moments'] as const;

/** In the mean, error by error. */
export function meanErrors(all: readonly Errors[]): Errors {
  return errorsBy((layer, kind) => all.reduce((sum, errors) => sum + errors[layer][kind], 0) / all.length);
}

/** As numbers. Disposes of the tensors, and of those they were made from. */
function errorsOf(found: DistillOutputs, inputs: DistillInputs): Errors {
  const errors = errorsBy((layer, kind) => found[layer][kind].dataSync()[0]!);
  tf.dispose([found, inputs]);
  return errors;
}

function errorsBy(number: (layer: LearntLayer, kind: (typeof KINDS)[number]) => number): Errors {
  const entries = LEARNT.map((layer) => [
    layer,
    Object.fromEntries(KINDS.map((kind) => [kind, number(layer, kind)])),
  ]);
  return Object.fromEntries(entries) as Errors;
}
