import { type CompiledFunctions, compileTogether } from '../../src/engine/compile/compile-together.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { Pooling } from '../../src/networks/run-steps.ts';
import { averagingShareAt } from '../../src/train/schedule.ts';
import { flatten, initialTrainState, unflatten } from '../../src/train/train-state.ts';
import { makeDistillEvaluation, makeDistillStep } from './distill-step.ts';
import type { PicturePair } from './pictures.ts';
import {
  drawStudent,
  LEARNT,
  type LearntLayer,
  type StudentConvolution,
  type StudentShape,
  studentConvolutions,
  studentWeights,
} from './student.ts';
import { lookAtTeacher, type TeacherLook } from './teacher.ts';

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
}

/** Decay of the running average of the student's weights, which is what is kept. */
const AVERAGING = 0.998;

/** A student on its way. Owns tensors. */
export class Distillation {
  readonly look: TeacherLook;
  readonly #options: DistillationOptions;
  readonly #convolutions: readonly StudentConvolution[];
  readonly #functions: CompiledFunctions<string>;

  constructor(options: DistillationOptions) {
    const { teacher, shape, pictures, batch, size, seed } = options;
    this.#options = options;
    const teachers = { max: new LossNetwork(teacher), average: new LossNetwork(teacher, 'average') };
    this.look = lookAtTeacher(teachers.max, pictures, shape.coordinates);
    const { kernel, kernelShape, bias } = teacher.layers.get('conv1_1')!;
    this.#convolutions = studentConvolutions(shape, kernelShape[3], this.look.scales);
    const first = { kernel: tf.tensor4d(kernel, [...kernelShape]), bias: tf.tensor1d(bias) };
    const state = flatten(initialTrainState(drawStudent(this.#convolutions, seed)));
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
        [`step_${pooling}`, { program: makeDistillStep(of), inputs: [photos, [], []] }],
        [`evaluate_${pooling}`, { program: makeDistillEvaluation(of), inputs: [photos] }],
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

  /** One step on a batch of `drawBatch`. @param step from 0. @returns the batch's errors before it. */
  step(batch: Float32Array, pooling: Pooling, learningRate: number, step: number): Errors {
    return this.#run(`step_${pooling}`, batch, [
      tf.scalar(learningRate),
      tf.scalar(averagingShareAt(step, AVERAGING)),
    ]);
  }

  /** Errors of the averaged weights, in the mean over some batches. */
  evaluate(batches: readonly Float32Array[], pooling: Pooling): Errors {
    const found = batches.map((batch) => this.#run(`evaluate_${pooling}`, batch, []));
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
