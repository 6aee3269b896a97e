import { joinRecords, mapRecord, type ShapesOf, type TensorRecord } from '../../engine/compile/compile.ts';
import {
  type CompiledFunctions,
  compileTogether,
  type FunctionsOf,
  interpretTogether,
  type Precision,
} from '../../engine/compile/compile-together.ts';
import * as tf from '../../engine/tensorflow.ts';
import { type Losses, zeroLosses } from '../../losses/term.ts';
import { termsOf } from '../../losses/terms.ts';
import type { TransformNetParameters } from '../../networks/transform-net.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainConfig } from '../config.ts';
import { changeShapes } from './stability-changes.ts';
import type { TrainState } from './train-state.ts';
import {
  type EvaluationInputs,
  healthOf,
  makeEvaluation,
  makeLossAndGradients,
  makeTrainStep,
  nextTrainState,
  type PhotosGiven,
  type StepInputs,
  type StepOutputs,
  type StepRates,
  type TrainStepOptions,
} from './train-step.ts';

/** What the trainer runs, over one state. */
export interface TrainFunctions {
  /** One step of the optimiser. Caller disposes. */
  step(inputs: StepInputs): StepOutputs;
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

export interface TrainFunctionsOptions {
  readonly config: Pick<TrainConfig, 'batch' | 'imageSize'>;
  readonly precision: Precision;
  readonly engine?: 'compiled' | 'eager';
  readonly accumulate?: number;
  readonly evaluates?: boolean;
  /** Several styles in one network: how many. */
  readonly styles?: number | undefined;
  readonly state: TrainState;
  readonly constants: readonly tf.Tensor[];
}

type Evaluate = { readonly evaluate?: { readonly inputs: EvaluationInputs; readonly outputs: Losses } };
type WholeStep = Evaluate & { readonly step: { readonly inputs: StepInputs; readonly outputs: StepOutputs } };
type StepInParts = Evaluate & {
  readonly accumulate: {
    readonly inputs: PhotosGiven;
    readonly outputs: Pick<StepOutputs, 'photoTerms'>;
  };
  readonly apply: { readonly inputs: StepRates; readonly outputs: Omit<StepOutputs, 'photoTerms'> };
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
  return accumulate === 1 ? inOnePiece(step, options) : inParts(step, options, accumulate);
}

function inOnePiece(step: TrainStepOptions, options: TrainFunctionsOptions): TrainFunctions {
  const { config, engine, state, constants, precision } = options;
  const evaluate = makeEvaluation(step);
  const functions: FunctionsOf<WholeStep, TrainState> = {
    step: {
      program: makeTrainStep(step),
      inputs: { ...shapesOf(step, options, config.batch), learningRate: [], averagingShare: [] },
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
  return { ...rest, step: run.step, evaluate: onePhotoAtATime(run.evaluate) };
}

function inParts(step: TrainStepOptions, options: TrainFunctionsOptions, parts: number): TrainFunctions {
  const { config, engine, state, constants, precision } = options;
  const evaluate = makeEvaluation(step);
  const functions: FunctionsOf<StepInParts, StateInParts> = {
    accumulate: {
      program: accumulating(step),
      inputs: shapesOf(step, options, config.batch / parts),
    },
    apply: { program: applying(step, parts), inputs: { learningRate: [], averagingShare: [] } },
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
        const ofParts = split(given, parts, run.accumulate);
        const applied = run.apply({ learningRate, averagingShare });
        if (given.choices === undefined) return applied;
        const photoTerms = joinRecords(
          ofParts.map((part) => part.photoTerms!),
          (terms) => tf.concat(terms),
        );
        tf.dispose(ofParts);
        return { ...applied, photoTerms };
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

/** Shapes of the inputs of a step for a number of photos. */
function shapesOf(
  { weights: { stabilityWeight = 0 } }: TrainStepOptions,
  { config: { imageSize }, styles }: TrainFunctionsOptions,
  count: number,
): ShapesOf<PhotosGiven> {
  return {
    photos: [count, imageSize, imageSize, 3],
    ...(styles !== undefined && { choices: [count, styles] }),
    ...(stabilityWeight > 0 && { changes: changeShapes(count, imageSize) }),
  };
}

/** One photo at a time: more would take more memory than a step. */
function evaluationShapes({
  config: { imageSize },
  styles,
}: TrainFunctionsOptions): ShapesOf<EvaluationInputs> {
  return {
    photos: [1, imageSize, imageSize, 3],
    ...(styles !== undefined && { choices: [1, styles] }),
  };
}

function accumulating(step: TrainStepOptions) {
  const lossAndGradients = makeLossAndGradients(step);
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
      return tf.slice(tensor, [(i * count) / parts, ...sides.map(() => 0)], [count / parts, ...sides]);
    }) as Batch;
    try {
      return work(part);
    } finally {
      tf.dispose(part);
    }
  });
}
