import type { Program } from '../engine/compile/compile.ts';
import {
  type CompiledFunctions,
  compileTogether,
  type FunctionOptions,
  type Precision,
} from '../engine/compile/compile-together.ts';
import { interpretTogether } from '../engine/compile/interpret-together.ts';
import * as tf from '../engine/tensorflow.ts';
import { ConfigError, expected } from '../errors.ts';
import type { TrainConfig } from './config.ts';
import { countLosses } from './loss-values.ts';
import { changeShapes } from './stability-changes.ts';
import { unflatten } from './train-state.ts';
import {
  healthOf,
  makeEvaluation,
  makeLossAndGradients,
  makeTrainStep,
  nextTrainState,
  type TrainStepOptions,
} from './train-step.ts';

/** What the trainer runs, over one state: that of `train-state.ts`. */
export interface TrainFunctions {
  /**
   * One step of the optimiser. @param changes of the photos (`drawChanges`), where stability is weighed.
   * @returns the batch's loss terms (`stepTerms`) and `healthOf`, scalars. Caller disposes.
   */
  step(
    batch: tf.Tensor4D,
    learningRate: tf.Tensor,
    averagingShare: tf.Tensor,
    changes: readonly tf.Tensor[],
  ): tf.Tensor[];
  /** Loss terms under the averaged weights; the state stays. Caller disposes. @throws {Error} it was not asked for. */
  evaluate(batch: tf.Tensor4D): tf.Tensor[];
  /** Copies of the state. Caller disposes. */
  readState(): tf.Tensor[];
  /** Replaces the state; values are copied. */
  writeState(values: readonly tf.Tensor[]): void;
  dispose(): void;
}

export interface TrainFunctionsOptions {
  readonly config: Pick<TrainConfig, 'batch' | 'imageSize'>;
  readonly precision: Precision;
  readonly engine?: 'compiled' | 'eager';
  readonly accumulate?: number;
  readonly evaluates?: boolean;
  readonly state: readonly tf.Tensor[];
  readonly constants: readonly tf.Tensor[];
}

/**
 * The training step, whole or with gradients accumulated over parts of the batch: k parts take the memory of one and give
 * the same step, as losses and gradients are means over photos. With it, where wanted, the evaluation.
 *
 * @throws {ConfigError} the batch cannot be split into so many parts.
 */
export function buildTrainFunctions(
  step: TrainStepOptions,
  { config, precision, engine, accumulate = 1, evaluates = false, state, constants }: TrainFunctionsOptions,
): TrainFunctions {
  const { batch, imageSize } = config;
  if (!Number.isInteger(accumulate) || accumulate < 1 || batch % accumulate !== 0)
    throw new ConfigError(expected(`parts that divide the batch of ${batch} for --accumulate`, accumulate));
  const build = engine === 'eager' ? interpretTogether : compileTogether;
  const photos = [batch / accumulate, imageSize, imageSize, 3];
  const isSteady = (step.stabilityWeight ?? 0) > 0;
  const changes = isSteady ? changeShapes(batch / accumulate, imageSize) : [];
  const evaluateOnly = makeEvaluation(step);
  const evaluation: Record<string, FunctionOptions> = evaluates
    ? {
        evaluate: {
          program: (given, all) => evaluateOnly(given, all.slice(0, state.length)),
          inputs: [photos],
        },
      }
    : {};
  const shared = { constants, precision };
  if (accumulate === 1) {
    const functions: Record<string, FunctionOptions> = {
      step: { program: makeTrainStep(step), inputs: [photos, [], [], ...changes] },
      ...evaluation,
    };
    const { run, ...rest } = build(functions, { state, ...shared });
    return {
      ...rest,
      step: (photos, learningRate, averagingShare, given) =>
        run.step!(photos, learningRate, averagingShare, ...given),
      evaluate: inParts(run, 1),
    };
  }
  const losses = countLosses(step);
  const sums = zeroSums(state, losses);
  try {
    const programs = accumulating(step, state.length, accumulate);
    const functions: Record<string, FunctionOptions> = {
      accumulate: { program: programs.accumulate, inputs: [photos, ...changes] },
      apply: { program: programs.apply, inputs: [[], []] },
      ...evaluation,
    };
    const built = build(functions, { state: [...state, ...sums], ...shared });
    return {
      step(photos, learningRate, averagingShare, given) {
        tf.dispose(split([photos, ...given], accumulate, (part) => built.run.accumulate!(...part)));
        return built.run.apply!(learningRate, averagingShare);
      },
      evaluate: inParts(built.run, accumulate),
      readState() {
        const all = built.readState();
        tf.dispose(all.slice(state.length));
        return all.slice(0, state.length);
      },
      writeState(values) {
        const zeros = zeroSums(values, losses);
        built.writeState([...values, ...zeros]);
        tf.dispose(zeros);
      },
      dispose: built.dispose,
    };
  } finally {
    tf.dispose(sums);
  }
}

/** What gradients and loss terms are added up in. Caller disposes. */
function zeroSums(state: readonly tf.Tensor[], losses: number): tf.Tensor[] {
  const gradients = unflatten(state).parameters.map((w) => tf.zerosLike(w));
  return [...gradients, ...Array.from({ length: losses }, () => tf.scalar(0))];
}

/** The state is followed by sums of gradients and of loss terms, which are zero between steps. */
function accumulating(
  step: TrainStepOptions,
  length: number,
  parts: number,
): Record<'accumulate' | 'apply', Program> {
  const lossAndGradients = makeLossAndGradients(step);
  const losses = countLosses(step);
  return {
    accumulate: ([batch, ...changes], all) => {
      const state = all.slice(0, length);
      const { terms, gradients } = lossAndGradients(batch!, unflatten(state).parameters, changes);
      const sums = [...gradients, ...terms].map((value, i) => tf.add(all[length + i]!, value));
      return { outputs: [], nextState: [...state, ...sums] };
    },
    apply: ([learningRate, averagingShare], all) => {
      const means = all.slice(length).map((sum) => tf.div(sum, parts));
      const gradients = means.slice(0, -losses);
      const next = nextTrainState(unflatten(all.slice(0, length)), gradients, learningRate!, averagingShare!);
      const zeros = all.slice(length).map((sum) => tf.zerosLike(sum));
      const outputs = [...means.slice(-losses), ...healthOf(gradients, next)];
      return { outputs, nextState: [...next, ...zeros] };
    },
  };
}

function inParts(run: CompiledFunctions<string>['run'], parts: number): TrainFunctions['evaluate'] {
  return (photos) => {
    const { evaluate } = run;
    if (evaluate === undefined) throw new Error('The trainer was made without `evaluates`.');
    const found = split([photos], parts, ([part]) => evaluate(part!));
    const means = tf.tidy(() =>
      found[0]!.map((_, i) => tf.div(tf.addN(found.map((part) => part[i]!)), parts)),
    );
    tf.dispose(found);
    return means;
  };
}

/** What `work` answers for each of the equal parts of a batch, which may be of several tensors. */
function split(
  batch: readonly tf.Tensor[],
  parts: number,
  work: (part: readonly tf.Tensor[]) => tf.Tensor[],
): tf.Tensor[][] {
  return Array.from({ length: parts }, (_, i) => {
    const part = batch.map((tensor) => {
      const [count, ...sides] = tensor.shape as [number, ...number[]];
      return tf.slice(tensor, [(i * count) / parts, ...sides.map(() => 0)], [count / parts, ...sides]);
    });
    try {
      return work(part);
    } finally {
      tf.dispose(part);
    }
  });
}
