import type { Precision } from '../engine/compile/compile.ts';
import { type PixelPicture, toTensor } from '../engine/pixels.ts';
import * as tf from '../engine/tensorflow.ts';
import { ConfigError, expected, TrainingDivergedError } from '../errors.ts';
import { type Layer, parseArchitecture } from '../networks/architecture.ts';
import { canonicalWeights, LossNetwork } from '../networks/loss-network.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { initialParameters } from '../networks/transform-net.ts';
import {
  type ParameterSpec,
  smallestImage,
  transformNetParameters,
} from '../networks/transform-net-parameters.ts';
import type { TrainConfig } from './config.ts';
import { type Leg, legsOf } from './legs.ts';
import { checkResume, fingerprints, tensorsOf } from './resume.ts';
import type { DataPosition, RunState } from './run-state.ts';
import { averagingShareAt, learningRateAt } from './schedule.ts';
import { buildTrainFunctions, type TrainFunctions } from './train-functions.ts';
import { flatten, initialTrainState, stateNames, unflatten } from './train-state.ts';
import { LOSS_TERMS, type LossValues, lossValues, styleTargets } from './train-step.ts';

/** Photos for one step: [count, size, size, 3], RGB, 8 bit, and where the next ones begin. */
export interface PhotoBatch {
  readonly pixels: Uint8Array;
  readonly size: number;
  readonly count: number;
  readonly position: DataPosition;
}

export interface TrainerOptions {
  readonly config: TrainConfig;
  readonly painting: PixelPicture;
  readonly lossNetwork: LossNetworkWeights;
  /** Id of the data set that batches come from. */
  readonly dataset: string;
  /** Batches of `config.batch` crops of `config.imageSize`, endless, from the start or from a position. */
  readonly openBatches: (position: DataPosition | undefined) => AsyncGenerator<PhotoBatch, void, void>;
  readonly precision: Precision;
  /** `eager` runs op by op, for debugging. Defaults to `compiled`. */
  readonly engine?: 'compiled' | 'eager';
  /** Parts into which a batch is split, one after the other in the memory of one. Defaults to 1. */
  readonly accumulate?: number;
  /** Whether `evaluate` is wanted. Defaults to false. */
  readonly evaluates?: boolean;
  /** Goes on from here instead of from first weights. */
  readonly resume?: RunState;
}

/** One step done. */
export interface TrainProgress {
  /** Steps done, this one included. */
  readonly step: number;
  /** Loss terms of this step's batch, unweighted but for the total. */
  readonly losses: LossValues;
  readonly learningRate: number;
}

/**
 * Trains one image transform net. Prints nothing and writes nothing: the caller draws steps from `steps()`, looks at
 * the parameters when it likes and saves them where it likes.
 */
export class Trainer {
  readonly #config: TrainConfig;
  /** The run's history, this leg included. */
  readonly legs: readonly Leg[];
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

  private constructor(
    options: TrainerOptions,
    layers: readonly Layer[],
    specs: readonly ParameterSpec[],
    functions: TrainFunctions,
    owned: readonly tf.Tensor[],
  ) {
    this.#config = options.config;
    this.legs = legsOf(options.resume, options.config);
    this.#openBatches = options.openBatches;
    this.#fingerprints = fingerprints(options);
    this.#specs = specs;
    this.#functions = functions;
    this.#owned = owned;
    this.layers = layers;
    this.#stepsDone = options.resume?.step ?? 0;
    this.#images = options.resume?.images ?? 0;
    this.#position = options.resume?.position;
  }

  /**
   * Loads the loss network, measures the painting and compiles the training step.
   *
   * @throws {ConfigError} a layer that the loss network does not have. {WeightsError} its file ends before a layer.
   * @throws {CheckpointError} the state to go on from is of another painting, loss network or architecture.
   */
  static create(options: TrainerOptions): Trainer {
    const { config, resume } = options;
    checkResume(options);
    const layers = parseArchitecture(config.architecture);
    const smallest = smallestImage(layers);
    if (config.imageSize < smallest)
      throw new ConfigError(
        expected(`an image size of at least ${smallest} px for ${config.architecture}`, config.imageSize),
      );
    const specs = transformNetParameters(layers);
    const kind = options.lossNetwork.kind;
    const weights = {
      content: config.contentWeight,
      style: config.styleWeight,
      tv: config.tvWeight,
      contentLayers: canonicalWeights(kind, config.contentLayers),
      styleLayers: canonicalWeights(kind, config.styleLayers),
      styleStatistic: config.styleStatistic,
    };
    const lossNetwork = new LossNetwork(options.lossNetwork, config.pooling);
    const owned: tf.Tensor[] = [...lossNetwork.tensors];
    try {
      const style = tf.tidy(() =>
        styleTargets(
          lossNetwork,
          toTensor(options.painting),
          Object.keys(weights.styleLayers),
          config.styleStatistic,
        ),
      );
      owned.push(...Object.values(style));
      const state = resume === undefined ? firstState(specs, config.seed) : tensorsOf(resume, specs);
      try {
        const stepOptions = { layers, specs, lossNetwork, style, weights };
        const functions = buildTrainFunctions(stepOptions, { ...options, state, constants: owned });
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

  /**
   * Trains up to `config.steps`, yielding after each step. Leaving the loop early is fine: the state is that of the
   * last step yielded.
   *
   * @throws {TrainingDivergedError} a loss is not finite.
   */
  async *steps(): AsyncGenerator<TrainProgress, void, void> {
    const { steps, averaging } = this.#config;
    if (this.#stepsDone >= steps) return;
    const photos = this.#openBatches(this.#position);
    try {
      for await (const batch of photos) {
        const learningRate = learningRateAt(this.#stepsDone, this.#config);
        const losses = this.#trainOn(batch, learningRate, averagingShareAt(this.#stepsDone, averaging));
        this.#stepsDone += 1;
        this.#images += batch.count;
        this.#position = batch.position;
        checkFinite(losses, this.#stepsDone);
        yield { step: this.#stepsDone, losses, learningRate };
        if (this.#stepsDone >= steps) return;
      }
    } finally {
      await photos.return();
    }
  }

  /** Loss terms of photos under the averaged weights, without a step. Needs `TrainerOptions.evaluates`. */
  evaluate({ pixels, size, count }: Omit<PhotoBatch, 'position'>): LossValues {
    return tf.tidy(() => {
      const batch = tf.tensor4d(new Float32Array(pixels), [count, size, size, 3]);
      return lossValues(this.#functions.evaluate(batch));
    });
  }

  #trainOn({ pixels, size, count }: PhotoBatch, learningRate: number, averagingShare: number): LossValues {
    return tf.tidy(() => {
      const batch = tf.tensor4d(new Float32Array(pixels), [count, size, size, 3]);
      return lossValues(this.#functions.step(batch, tf.scalar(learningRate), tf.scalar(averagingShare)));
    });
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
    const position = this.#position ?? { epoch: 0, index: 0 };
    return {
      config: this.#config,
      legs: this.legs,
      step: this.#stepsDone,
      images: this.#images,
      position,
      ...this.#fingerprints,
      tensors: arrays,
    };
  }

  dispose(): void {
    this.#functions.dispose();
    tf.dispose([...this.#owned]);
  }
}

function firstState(specs: readonly ParameterSpec[], seed: number): tf.Tensor[] {
  return flatten(initialTrainState(initialParameters(specs, seed)));
}

function checkFinite(losses: LossValues, step: number): void {
  if (LOSS_TERMS.every((term) => Number.isFinite(losses[term]))) return;
  const terms = LOSS_TERMS.map((term) => `${term} ${losses[term]}`).join(', ');
  throw new TrainingDivergedError(
    `Training went astray at step ${step} (${terms}); go on from the last saved state with --resume and a lower --learning-rate.`,
  );
}
