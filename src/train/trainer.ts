import { randomUUID } from 'node:crypto';
import * as tf from '../engine/tensorflow.ts';
import { ConfigError, expected } from '../errors.ts';
import type { PerceptualWeights } from '../losses/perceptual-loss.ts';
import { type Layer, parseArchitecture } from '../networks/architecture.ts';
import { LossNetwork } from '../networks/loss-network.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import {
  type ParameterSpec,
  smallestImage,
  transformNetParameters,
} from '../networks/transform-net-parameters.ts';
import type { TrainConfig } from './config.ts';
import { cropBatches } from './crop-batches.ts';
import { type BuildForCrops, functionsForCrops } from './crop-functions.ts';
import { cropSideAt } from './crop-schedule.ts';
import type { GuardRecord } from './guard-record.ts';
import { type Leg, legsOf } from './legs.ts';
import { type LossValues, lossValues } from './loss-values.ts';
import { targetsOf, weightsOf } from './objective.ts';
import { checkResume, fingerprints, guardOf, recentOf, tensorsOf } from './resume.ts';
import type { DataPosition, RunState } from './run-state.ts';
import { averagingShareAt, learningRateAt } from './schedule.ts';
import { drawChanges } from './stability-changes.ts';
import { buildTrainFunctions, type TrainFunctions } from './train-functions.ts';
import { firstState, stateNames, unflatten } from './train-state.ts';
import {
  AVERAGED_STEPS,
  type PhotoBatch,
  type TrainerOptions,
  type TrainProgress,
} from './trainer-options.ts';
import { checkWarmStart } from './warm-start.ts';

export type * from './trainer-options.ts';

/**
 * Trains one image transform net. Prints nothing and writes nothing: the caller draws steps from `steps()`, looks at
 * the parameters when it likes and saves them where it likes.
 */
export class Trainer {
  readonly #config: TrainConfig;
  /** The run's id (`RunState.run`). */
  readonly run: string;
  /** The run's history, this leg included. */
  readonly legs: readonly Leg[];
  readonly #weights: PerceptualWeights;
  readonly #specs: readonly ParameterSpec[];
  readonly #functions: TrainFunctions;
  readonly #openBatches: TrainerOptions['openBatches'];
  /** Weights of the loss network and the painting's targets, which an interpreted step goes on using. */
  readonly #owned: readonly tf.Tensor[];
  readonly #fingerprints: Pick<RunState, 'painting' | 'lossNetwork' | 'dataset'>;
  readonly layers: readonly Layer[];
  #stepsDone: number;
  #images: number;
  #position: DataPosition | undefined;
  #recent: readonly LossValues[];
  #guard: GuardRecord;

  private constructor(
    options: TrainerOptions,
    layers: readonly Layer[],
    specs: readonly ParameterSpec[],
    functions: TrainFunctions,
    owned: readonly tf.Tensor[],
  ) {
    this.#config = options.config;
    this.run = options.resume?.run ?? randomUUID();
    this.legs = legsOf(options.resume, options.config, options.warmStart?.origin);
    this.#openBatches = options.openBatches;
    this.#fingerprints = fingerprints(options);
    this.#weights = weightsOf(options.config, options.lossNetwork.kind);
    this.#specs = specs;
    this.#functions = functions;
    this.#owned = owned;
    this.layers = layers;
    this.#stepsDone = options.resume?.step ?? 0;
    this.#images = options.resume?.images ?? 0;
    this.#position = options.resume?.position;
    this.#recent = recentOf(options);
    this.#guard = guardOf(options);
  }

  /**
   * Loads the loss network, measures the painting and compiles the training step.
   *
   * @throws {ConfigError} a layer that the loss network does not have. {WeightsError} its file ends before a layer.
   * @throws {CheckpointError} the state to go on from is of another painting, loss network or architecture.
   */
  static create(options: TrainerOptions): Trainer {
    const { config, resume, warmStart } = options;
    checkResume(options);
    const layers = parseArchitecture(config.architecture);
    const smallest = smallestImage(layers);
    const side = cropSideAt(resume?.step ?? 0, config);
    if (side < smallest)
      throw new ConfigError(expected(`crops of at least ${smallest} px for ${config.architecture}`, side));
    if (resume === undefined && warmStart !== undefined) checkWarmStart(warmStart, config.architecture);
    const specs = transformNetParameters(layers);
    const weights = weightsOf(config, options.lossNetwork.kind);
    const lossNetwork = new LossNetwork(options.lossNetwork, config.pooling);
    const owned: tf.Tensor[] = [...lossNetwork.tensors];
    try {
      const style = targetsOf(options.painting, lossNetwork, weights);
      owned.push(...Object.values(style));
      const state =
        resume === undefined
          ? firstState(specs, config.seed, warmStart?.parameters)
          : tensorsOf(resume, specs);
      try {
        const step = { layers, specs, lossNetwork, style, weights, stabilityWeight: config.stabilityWeight };
        const build: BuildForCrops = (imageSize, from) =>
          buildTrainFunctions(step, {
            ...{ ...options, config: { ...config, imageSize } },
            ...{ state: from, constants: owned },
          });
        const functions = functionsForCrops(build, cropSideAt(resume?.step ?? 0, config), state);
        return new Trainer(options, layers, specs, functions, owned);
      } finally {
        tf.dispose(state);
      }
    } catch (error) {
      tf.dispose(owned);
      throw error;
    }
  }

  get stepsDone(): number {
    return this.#stepsDone;
  }

  /** Photos seen so far, counted with repetition. */
  get images(): number {
    return this.#images;
  }

  /** Losses of the last 50 steps, oldest first. */
  get recent() {
    return this.#recent;
  }

  get guard() {
    return this.#guard;
  }

  /**
   * Trains up to `config.steps`, yielding after each step. Leaving the loop early is fine: the state is that of the
   * last step yielded. Whether a step's numbers are any good is for the caller to judge, who may `restore` an earlier
   * state: training then goes on from it with the photos that come next.
   */
  async *steps(): AsyncGenerator<TrainProgress, void, void> {
    const { steps, averaging } = this.#config;
    if (this.#stepsDone >= steps) return;
    const sideNow = () => cropSideAt(this.#stepsDone, this.#config);
    const photos = cropBatches(this.#openBatches, this.#position, sideNow);
    try {
      for await (const batch of photos) {
        const factor = this.#guard.learningRateFactor;
        const learningRate = factor * learningRateAt(this.#stepsDone, this.#config);
        const share = averagingShareAt(this.#stepsDone, averaging);
        const { losses, health } = this.#trainOn(batch, learningRate, share);
        this.#stepsDone += 1;
        this.#images += batch.count;
        this.#position = batch.position;
        this.#recent = [...this.#recent, losses].slice(-AVERAGED_STEPS);
        yield { step: this.#stepsDone, losses, health, learningRate };
        if (this.#stepsDone >= steps) return;
      }
    } finally {
      await photos.return();
    }
  }

  /** Loss terms of photos under the averaged weights, without a step. Needs `TrainerOptions.evaluates`. */
  evaluate({ pixels, size, count }: Omit<PhotoBatch, 'position'>): LossValues {
    const batch = tf.tensor4d(new Float32Array(pixels), [count, size, size, 3]);
    const outputs = this.#functions.evaluate(batch);
    const losses = lossValues(outputs, { weights: this.#weights });
    tf.dispose([batch, ...outputs]);
    return losses;
  }

  #trainOn({ pixels, size, count, position }: PhotoBatch, learningRate: number, averagingShare: number) {
    const batch = tf.tensor4d(new Float32Array(pixels), [count, size, size, 3]);
    const rates = [tf.scalar(learningRate), tf.scalar(averagingShare)] as const;
    const isSteady = this.#config.stabilityWeight > 0;
    const changes = isSteady ? drawChanges(this.#config, position, count, size) : [];
    const outputs = this.#functions.step(batch, ...rates, changes);
    const [gradientNorm, weightNorm] = outputs.slice(-2).map((norm) => norm.dataSync()[0]!) as [
      number,
      number,
    ];
    const losses = lossValues(outputs, {
      weights: this.#weights,
      stabilityWeight: this.#config.stabilityWeight,
    });
    tf.dispose([batch, ...rates, ...changes, ...outputs]);
    return { losses, health: { gradientNorm, weightNorm } };
  }

  /** The averaged parameters, which are what a checkpoint holds. */
  parameters(): NamedArray[] {
    const tensors = this.#functions.readState();
    const averaged = unflatten(tensors).averaged;
    const arrays = this.#specs.map(({ name, shape }, i) => ({
      name,
      shape,
      values: averaged[i]!.dataSync().slice() as Float32Array,
    }));
    tf.dispose(tensors);
    return arrays;
  }

  /** Everything needed to go on later exactly as if the run had not stopped. */
  runState(): RunState {
    const tensors = this.#functions.readState();
    const arrays = stateNames(this.#specs).map((name, i) => {
      const tensor = tensors[i]!;
      return { name, shape: tensor.shape, values: tensor.dataSync().slice() as Float32Array };
    });
    tf.dispose(tensors);
    return {
      run: this.run,
      config: this.#config,
      legs: this.legs,
      step: this.#stepsDone,
      images: this.#images,
      position: this.#position ?? { epoch: 0, index: 0 },
      recent: this.#recent,
      guard: this.#guard,
      ...this.#fingerprints,
      tensors: arrays,
    };
  }

  /** Goes back to a state of this run: all of it, its place among the photos and the guard's record included. */
  restore(state: RunState): void {
    const tensors = tensorsOf(state, this.#specs);
    try {
      this.#functions.writeState(tensors);
    } finally {
      tf.dispose(tensors);
    }
    this.#stepsDone = state.step;
    this.#images = state.images;
    this.#position = state.position;
    this.#recent = state.recent;
    this.#guard = state.guard;
  }

  dispose(): void {
    this.#functions.dispose();
    tf.dispose([...this.#owned]);
  }
}
