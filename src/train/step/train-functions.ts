import { type Batching, batchingOfDevice } from '../../engine/batching.ts';
import { joinRecords, mapRecord, type Nested, type TensorRecord } from '../../engine/compile/compile.ts';
import {
  type CompiledFunctions,
  compileTogether,
  type FunctionsOf,
  interpretTogether,
  type Precision,
} from '../../engine/compile/compile-together.ts';
import { type PackedOutputs, packOutputs } from '../../engine/compile/pack-outputs.ts';
import { sliceOf } from '../../engine/ops/bytes.ts';
import * as tf from '../../engine/tensorflow.ts';
import { type Losses, zeroLosses } from '../../losses/term.ts';
import { termsOf } from '../../losses/terms.ts';
import type { TransformNetParameters } from '../../networks/transform-net.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainConfig } from '../config.ts';
import type { StepHealth } from '../guard/step-check.ts';
import type { PhotosGiven, TrainStepOptions } from './loss-and-gradients.ts';
import type { LossValues } from './loss-values.ts';
import { byteInputs, evaluationShapes, inputShapes, type StepInputOptions } from './step-inputs.ts';
import type { TrainState } from './train-state.ts';
import {
  type EvaluationInputs,
  healthOf,
  makeEvaluation,
  makeTrainStep,
  nextTrainState,
  type StepForm,
  type StepInputs,
  type StepRates,
  stepForm,
} from './train-step.ts';

/** What a step says, as numbers. */
export interface StepReport {
  /** Means over the batch. */
  readonly losses: LossValues;
  readonly health: StepHealth;
  /** With several styles, each photo's terms. */
  readonly photoTerms?: Readonly<Record<string, Float32Array>> | undefined;
}

/** What the trainer runs, over one state. */
export interface TrainFunctions {
  /** One step of the optimiser. */
  step(inputs: StepInputs): StepReport;
  /**
   * Losses of photos under the averaged weights, in the mean over as many as are given; the state stays. Caller disposes.
   *
   * @throws {Error} it was not requested.
   */
  evaluate(given: EvaluationInputs): Losses;
  /** Copies of the state. Caller disposes. */
  readState(): TrainState;
  /** Replaces the state; values are copied. */
  writeState(state: TrainState): void;
  dispose(): void;
}

export interface TrainFunctionsOptions extends StepInputOptions {
  readonly config: Pick<TrainConfig, 'batch' | 'imageSize'>;
  readonly precision: Precision;
  readonly engine?: 'compiled' | 'eager';
  readonly accumulate?: number;
  /** Defaults to the device's (`batchingOfDevice`). */
  readonly batching?: Batching | undefined;
  readonly evaluates?: boolean;
  readonly state: TrainState;
  readonly constants: readonly tf.Tensor[];
}

type Evaluate = { readonly evaluate?: { readonly inputs: EvaluationInputs; readonly outputs: Losses } };
type WholeStep = Evaluate & {
  readonly step: { readonly inputs: StepInputs; readonly outputs: PackedOutputs };
};
type StepInParts = Evaluate & {
  readonly accumulate: { readonly inputs: PhotosGiven; readonly outputs: PackedOutputs };
  readonly apply: { readonly inputs: StepRates; readonly outputs: PackedOutputs };
};

/** What is added up over the parts of a batch; nought between steps. */
type Sums = { readonly gradients: TransformNetParameters; readonly losses: Losses };
type StateInParts = { readonly train: TrainState; readonly sums: Sums };

/**
 * The training step, whole or with gradients accumulated over parts of the batch: k parts take the memory of one and give
 * the same step, as losses and gradients are means over photos. With it, where wanted, the evaluation.
 *
 * @throws {ConfigError} the batch cannot be split into that many parts.
 */
export function buildTrainFunctions(step: TrainStepOptions, options: TrainFunctionsOptions): TrainFunctions {
  const { config, accumulate = 1 } = options;
  if (!Number.isInteger(accumulate) || accumulate < 1 || config.batch % accumulate !== 0)
    throw new ConfigError(
      expected(`parts that divide the batch of ${config.batch} for --accumulate`, accumulate),
    );
  const form = stepForm(step, options.batching ?? batchingOfDevice());
  const state = form.fromNamed(options.state);
  try {
    const functions =
      accumulate === 1
        ? inOnePiece(step, form, { ...options, state })
        : inParts(step, form, { ...options, state }, accumulate);
    return {
      ...functions,
      readState: () => converted(functions.readState(), form.toNamed),
      writeState(named) {
        const own = form.fromNamed(named);
        functions.writeState(own);
        tf.dispose(own);
      },
    };
  } finally {
    tf.dispose(state);
  }
}

/** A state in another form; the one given is disposed of. */
function converted(state: TrainState, convert: (state: TrainState) => TrainState): TrainState {
  const other = convert(state);
  tf.dispose(state);
  return other;
}

function inOnePiece(step: TrainStepOptions, form: StepForm, options: TrainFunctionsOptions): TrainFunctions {
  const { config, engine, state, constants, precision } = options;
  const evaluate = makeEvaluation(step, form.named);
  const whole = packOutputs(makeTrainStep(form, step.clipNorm));
  const functions: FunctionsOf<WholeStep, TrainState> = {
    step: {
      program: whole.program,
      bytes: byteInputs(options),
      inputs: { ...inputShapes(step, options, config.batch), learningRate: [], averagingShare: [] },
    },
    ...(options.evaluates && {
      evaluate: {
        program: (given: EvaluationInputs, state: TrainState) => ({ outputs: evaluate(given, state) }),
        inputs: evaluationShapes(options),
      },
    }),
  };
  const build = engine === 'eager' ? interpretTogether : compileTogether;
  const { run, ...rest } = build<WholeStep, TrainState>(functions, { state, constants, precision });
  return {
    ...rest,
    step: (inputs) => reportOf(whole.read(run.step(inputs))),
    evaluate: onePhotoAtATime(run.evaluate),
  };
}

function inParts(
  step: TrainStepOptions,
  form: StepForm,
  options: TrainFunctionsOptions,
  parts: number,
): TrainFunctions {
  const { config, engine, state, constants, precision } = options;
  const evaluate = makeEvaluation(step, form.named);
  const [part, end] = [packOutputs(accumulating(form)), packOutputs(applying(step, parts))];
  const functions: FunctionsOf<StepInParts, StateInParts> = {
    accumulate: {
      program: part.program,
      bytes: byteInputs(options),
      inputs: inputShapes(step, options, config.batch / parts),
    },
    apply: { program: end.program, inputs: { learningRate: [], averagingShare: [] } },
    ...(options.evaluates && {
      evaluate: {
        program: (given: EvaluationInputs, { train }: StateInParts) => ({ outputs: evaluate(given, train) }),
        inputs: evaluationShapes(options),
      },
    }),
  };
  const build = engine === 'eager' ? interpretTogether : compileTogether;
  const zeros = ({ parameters }: TrainState): Sums => ({
    gradients: zerosLike(parameters),
    losses: zeroLosses(termsOf(step.weights)),
  });
  const sums = zeros(state);
  try {
    const { run, ...built } = build<StepInParts, StateInParts>(functions, {
      state: { train: state, sums },
      constants,
      precision,
    });
    return {
      step({ learningRate, averagingShare, ...given }) {
        const ofParts = split(given, parts, (photos) => part.read(run.accumulate(photos)));
        const report = reportOf(end.read(run.apply({ learningRate, averagingShare })));
        return given.choices === undefined ? report : { ...report, photoTerms: joinedTerms(ofParts) };
      },
      evaluate: onePhotoAtATime(run.evaluate),
      readState() {
        const { train, sums } = built.readState();
        tf.dispose(sums);
        return train;
      },
      writeState(train) {
        const sums = zeros(train);
        built.writeState({ train, sums });
        tf.dispose(sums);
      },
      dispose: built.dispose,
    };
  } finally {
    tf.dispose(sums);
  }
}

/** A step's outputs, read: all but the photos' terms are scalars. */
function reportOf({ photoTerms, ...scalars }: Nested<Float32Array>): StepReport {
  const numbers = mapRecord(scalars, (values: Float32Array) => values[0]!);
  return { ...numbers, photoTerms } as unknown as StepReport;
}

function joinedTerms(parts: readonly Nested<Float32Array>[]): StepReport['photoTerms'] {
  const terms = parts.map((part) => part.photoTerms as Readonly<Record<string, Float32Array>>);
  const joined = Object.keys(terms[0]!).map((name) => [
    name,
    Float32Array.from(terms.flatMap((part) => [...part[name]!])),
  ]);
  return Object.fromEntries(joined);
}

function accumulating({ lossAndGradients }: StepForm) {
  return (given: PhotosGiven, { train, sums }: StateInParts) => {
    const { gradients, losses, photoTerms } = lossAndGradients(given, train.parameters);
    const next = joinRecords<Sums>([sums, { gradients, losses }], ([sum, value]) => tf.add(sum!, value!));
    return { outputs: { photoTerms }, nextState: { train, sums: next } };
  };
}

function applying(step: TrainStepOptions, parts: number) {
  return (rates: StepRates, { train, sums }: StateInParts) => {
    const { gradients, losses } = mapRecord(sums, (sum: tf.Tensor) => tf.div(sum, parts)) as Sums;
    const next = nextTrainState(train, gradients, rates, step.clipNorm);
    return {
      outputs: { losses, health: healthOf(gradients, next) },
      nextState: { train: next, sums: zerosLike(sums) },
    };
  };
}

function zerosLike<Tensors extends TensorRecord>(tensors: Tensors): Tensors {
  return mapRecord(tensors, (tensor: tf.Tensor) => tf.zerosLike(tensor)) as Tensors;
}

function onePhotoAtATime(
  evaluate: CompiledFunctions<Evaluate>['run']['evaluate'],
): TrainFunctions['evaluate'] {
  return (given) => {
    if (evaluate === undefined) throw new Error('The trainer was made without `evaluates`.');
    const count = given.photos.shape[0]!;
    const found = split(given, count, evaluate);
    const means = tf.tidy(() => joinRecords(found, (photos) => tf.div(tf.addN(photos), count)));
    tf.dispose(found);
    return means;
  };
}

/** Results of `work` for each of the equal parts of a batch. */
function split<Batch extends TensorRecord, Answer>(
  batch: Batch,
  parts: number,
  work: (part: Batch) => Answer,
): Answer[] {
  return Array.from({ length: parts }, (_, i) => {
    const part = mapRecord(batch, (tensor: tf.Tensor) => {
      const [count, ...sides] = tensor.shape as [number, ...number[]];
      return sliceOf(tensor, [(i * count) / parts, ...sides.map(() => 0)], [count / parts, ...sides]);
    }) as Batch;
    try {
      return work(part);
    } finally {
      tf.dispose(part);
    }
  });
}
