import type { Program } from '../../engine/compile/compile.ts';
import {
  type CompiledFunctions,
  compileTogether,
  type FunctionOptions,
  type Precision,
} from '../../engine/compile/compile-together.ts';
import { interpretTogether } from '../../engine/compile/interpret-together.ts';
import * as tf from '../../engine/tensorflow.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainConfig } from '../config.ts';
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
   * One step of the optimiser. @param given with several styles that of each photo, [N, S], one-hot; then, where
   * stability is weighed, the photos' changes (`drawChanges`).
   * @returns the batch's loss terms (`lossScalars`), with several styles each photo's [N, scalars], and `healthOf`. Caller
   *   disposes.
   */
  step(
    batch: tf.Tensor4D,
    learningRate: tf.Tensor,
    averagingShare: tf.Tensor,
    given: readonly tf.Tensor[],
  ): tf.Tensor[];
  /**
   * Loss terms of photos under the averaged weights, as many as are given; the state stays. Caller disposes.
   *
   * @throws {Error} it was not asked for.
   */
  evaluate(batch: tf.Tensor4D, choices?: tf.Tensor): tf.Tensor[];
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
  /** Several styles in one network: how many. */
  readonly styles?: number | undefined;
  readonly state: readonly tf.Tensor[];
  readonly constants: readonly tf.Tensor[];
}

/**
 * The training step, whole or with gradients accumulated over parts of the batch: k parts take the memory of one and give
 * the same step, as losses and gradients are means over photos. With it, where wanted, the evaluation.
 *
 * @throws {ConfigError} the batch cannot be split into so many parts.
 */
export function buildTrainFunctions(step: TrainStepOptions, options: TrainFunctionsOptions): TrainFunctions {
  const { config, precision, engine, accumulate = 1, evaluates = false, styles, state, constants } = options;
  const { batch, imageSize } = config;
  if (!Number.isInteger(accumulate) || accumulate < 1 || batch % accumulate !== 0)
    throw new ConfigError(expected(`parts that divide the batch of ${batch} for --accumulate`, accumulate));
  const build = engine === 'eager' ? interpretTogether : compileTogether;
  const photos = [batch / accumulate, imageSize, imageSize, 3];
  const isSteady = (step.stabilityWeight ?? 0) > 0;
  const choices = styles === undefined ? [] : [[batch / accumulate, styles]];
  const more = [...choices, ...(isSteady ? changeShapes(batch / accumulate, imageSize) : [])];
  const evaluateOnly = makeEvaluation(step);
  const evaluation: Record<string, FunctionOptions> = evaluates
    ? {
        evaluate: {
          program: (given, all) => evaluateOnly(given, all.slice(0, state.length)),
          // One at a time: more would take more memory than a step.
          inputs: [[1, imageSize, imageSize, 3], ...(styles === undefined ? [] : [[1, styles]])],
        },
      }
    : {};
  const shared = { constants, precision };
  if (accumulate === 1) {
    const functions: Record<string, FunctionOptions> = {
      step: { program: makeTrainStep(step), inputs: [photos, [], [], ...more] },
      ...evaluation,
    };
    const { run, ...rest } = build(functions, { state, ...shared });
    return {
      ...rest,
      step: (photos, learningRate, averagingShare, given) =>
        run.step!(photos, learningRate, averagingShare, ...given),
      evaluate: onePhotoAtATime(run),
    };
  }
  const losses = countLosses(step);
  const sums = zeroSums(state, losses);
  try {
    const programs = accumulating(step, state.length, accumulate);
    const functions: Record<string, FunctionOptions> = {
      accumulate: { program: programs.accumulate, inputs: [photos, ...more] },
      apply: { program: programs.apply, inputs: [[], []] },
      ...evaluation,
    };
    const built = build(functions, { state: [...state, ...sums], ...shared });
    return {
      step(photos, learningRate, averagingShare, given) {
        const ofParts = split([photos, ...given], accumulate, (part) => built.run.accumulate!(...part));
        const applied = built.run.apply!(learningRate, averagingShare);
        if (styles === undefined) return applied;
        const photoTerms = tf.concat(ofParts.map(([ofPart]) => ofPart!));
        tf.dispose(ofParts);
        return [...applied.slice(0, -2), photoTerms, ...applied.slice(-2)];
      },
      evaluate: onePhotoAtATime(built.run),
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
    accumulate: ([batch, ...given], all) => {
      const state = all.slice(0, length);
      const found = lossAndGradients(batch!, unflatten(state).parameters, given);
      const sums = [...found.gradients, ...found.terms].map((value, i) => tf.add(all[length + i]!, value));
      return { outputs: [...found.photoTerms], nextState: [...state, ...sums] };
    },
    apply: ([learningRate, averagingShare], all) => {
      const means = all.slice(length).map((sum) => tf.div(sum, parts));
      const gradients = means.slice(0, -losses);
      const next = nextTrainState(
        unflatten(all.slice(0, length)),
        gradients,
        learningRate!,
        averagingShare!,
        step.clipNorm,
      );
      const zeros = all.slice(length).map((sum) => tf.zerosLike(sum));
      const outputs = [...means.slice(-losses), ...healthOf(gradients, next)];
      return { outputs, nextState: [...next, ...zeros] };
    },
  };
}

function onePhotoAtATime(run: CompiledFunctions<string>['run']): TrainFunctions['evaluate'] {
  return (photos, choices) => {
    const { evaluate } = run;
    if (evaluate === undefined) throw new Error('The trainer was made without `evaluates`.');
    const count = photos.shape[0];
    const given = choices === undefined ? [photos] : [photos, choices];
    const found = split(given, count, (photo) => evaluate(...photo));
    const means = tf.tidy(() =>
      found[0]!.map((_, i) => tf.div(tf.addN(found.map((photo) => photo[i]!)), count)),
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
