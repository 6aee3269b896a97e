import { type CompiledFunctions, compileTogether } from '../../src/engine/compile/compile-together.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { Pooling } from '../../src/networks/run-steps.ts';
import { averagingShareAt } from '../../src/train/step/schedule.ts';
import { flatten, initialTrainState, unflatten } from '../../src/train/step/train-state.ts';
import { makeDistillEvaluation, makeDistillStep } from './distill-step.ts';
import { grownStudent } from './grow.ts';
import type { PicturePair } from './pictures.ts';
import {
  LEARNT,
  type LearntLayer,
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

/** A student on its way. Owns tensors. */
export class Distillation {
  readonly look: TeacherLook;
  readonly #options: DistillationOptions;
  readonly #convolutions: readonly StudentConvolution[];
  readonly #functions: CompiledFunctions<string>;

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
    const state = flatten(initialTrainState(parameters));
    const photos = [batch, size, size, 3];
    const functions = Object.entries(teachers).flatMap(([pooling, network]) => {
      const of = {
        teacher: network,
        teacherWeights: teacher,
        look: this.look,
        convolutions: this.#convolutions,
        first,
        pooling: pooling as Pooling,
      };
      return [
        [`step_${pooling}`, { program: makeDistillStep(of), inputs: [photos, [batch / 2], [], []] }],
        [`evaluate_${pooling}`, { program: makeDistillEvaluation(of), inputs: [photos, [batch / 2]] }],
      ] as const;
    });
    const constants = [
      ...Object.values(teachers).flatMap(({ tensors }) => [...tensors]),
      ...Object.values(this.look.axes),
      first.kernel,
      first.bias,
    ];
    this.#functions = compileTogether(Object.fromEntries(functions), { state, constants });
    tf.dispose([...state, ...constants]);
  }

  /** One step on a batch of `drawBatch`. @param ownSteps of `drawOwnSteps`. @param step from 0. @returns the batch's errors before it. */
  step(
    batch: Float32Array,
    ownSteps: readonly number[],
    pooling: Pooling,
    learningRate: number,
    step: number,
  ): Errors {
    return this.#run(`step_${pooling}`, batch, [
      tf.tensor1d([...ownSteps]),
      tf.scalar(learningRate),
      tf.scalar(averagingShareAt(step, AVERAGING)),
    ]);
  }

  /**
   * Errors of the averaged weights, in the mean over some batches.
   *
   * @param ownStep where above 0, of changes down the student's own style loss by so many grey levels.
   */
  evaluate(batches: readonly Float32Array[], pooling: Pooling, ownStep = 0): Errors {
    const ownSteps = () => tf.fill([this.#options.batch / 2], ownStep);
    const found = batches.map((batch) => this.#run(`evaluate_${pooling}`, batch, [ownSteps()]));
    return meanErrors(found);
  }

  /** The student as it stands, with averaged weights. */
  weights(): LossNetworkWeights {
    const state = this.#functions.readState();
    try {
      return studentWeights(this.#options.teacher, this.#convolutions, unflatten(state).averaged);
    } finally {
      tf.dispose(state);
    }
  }

  dispose(): void {
    this.#functions.dispose();
  }

  #run(name: string, batch: Float32Array, more: readonly tf.Tensor[]): Errors {
    const { batch: count, size } = this.#options;
    const inputs = [tf.tensor4d(batch, [count, size, size, 3]), ...more];
    const outputs = this.#functions.run[name]!(...inputs);
    const numbers = outputs.map((output) => output.dataSync()[0]!);
    tf.dispose([...inputs, ...outputs]);
    return errorsOf((i) => numbers[i]!);
  }
}

/** In the mean, error by error. */
export function meanErrors(all: readonly Errors[]): Errors {
  const kinds = ['features', 'changes', 'moments'] as const;
  return errorsOf((i) => {
    const [layer, kind] = [LEARNT[Math.floor(i / 3)]!, kinds[i % 3]!];
    return all.reduce((sum, errors) => sum + errors[layer][kind], 0) / all.length;
  });
}

function errorsOf(number: (i: number) => number): Errors {
  const entries = LEARNT.map((layer, i) => [
    layer,
    { features: number(3 * i), changes: number(3 * i + 1), moments: number(3 * i + 2) },
  ]);
  return Object.fromEntries(entries) as Errors;
}
