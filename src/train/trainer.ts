import { randomUUID } from 'node:crypto';
import { bytesTensor } from '../engine/ops/bytes.ts';
import * as tf from '../engine/tensorflow.ts';
import type { Term } from '../losses/term.ts';
import type { Layer } from '../networks/architecture.ts';
import { parametersOfStyle } from '../networks/conditional-parameters.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { isOfStyle, type ParameterSpec } from '../networks/transform-net-parameters.ts';
import type { TrainConfig } from './config.ts';
import type { GuardRecord } from './guard/guard-record.ts';
import { checkResume, type Fingerprints, fingerprints, guardOf, recentOf, tensorsOf } from './run/resume.ts';
import type { DataPosition, RunState } from './run/run-state.ts';
import { cropBatches } from './step/crop-batches.ts';
import { type Leg, legsOf } from './step/legs.ts';
import { type BatchLosses, type LossValues, lossValues } from './step/loss-values.ts';
import { type PhaseFunctions, type Preparation, prepareTraining } from './step/prepare-training.ts';
import { averagingShareAt, beginsPhase, learningRateAt, phaseAt } from './step/schedule.ts';
import { drawChanges } from './step/stability-changes.ts';
import { photoLosses, stylesOfPhotos } from './step/style-losses.ts';
import { membersOf } from './step/train-state.ts';
import type { StepInputs } from './step/train-step.ts';
import {
  AVERAGED_STEPS,
  type NetworkTrainerOptions,
  type PhotoBatch,
  type StepProgress,
  severalStyles,
} from './trainer-options.ts';

export type * from './trainer-options.ts';

/**
 * Trains one image transform net. Prints nothing and writes nothing: the caller draws steps from `steps()`, looks at
 * the parameters when it likes and saves them where it likes.
 */
export class NetworkTrainer {
  readonly #config: TrainConfig;
  /** The run's id (`RunState.run`). */
  readonly run: string;
  /** The run's history, this leg included. */
  readonly legs: readonly Leg[];
  /** The caller's own, besides those of the configuration. */
  readonly terms: readonly Term[];
  readonly #specs: readonly ParameterSpec[];
  readonly #functions: PhaseFunctions;
  readonly #openBatches: NetworkTrainerOptions['openBatches'];
  /** Weights of the loss network and the painting's targets, which an interpreted step keeps using. */
  readonly #owned: readonly tf.Tensor[];
  readonly #fingerprints: Fingerprints;
  readonly layers: readonly Layer[];
  /** Names of the styles, where several share the network. */
  readonly styles: readonly string[] | undefined;
  /** Parameters that are not trained. */
  readonly #frozen: readonly NamedArray[];
  #stepsDone: number;
  #images: number;
  #position: DataPosition | undefined;
  #recent: readonly BatchLosses[];
  #guard: GuardRecord;

  private constructor(options: NetworkTrainerOptions, { layers, specs, functions, owned }: Preparation) {
    this.#config = options.config;
    this.styles = severalStyles(options)?.map(({ name }) => name);
    this.#frozen = options.addTo?.filter(({ name }) => !isOfStyle(name)) ?? [];
    this.run = options.resume?.run ?? options.run ?? randomUUID();
    this.terms = options.terms ?? [];
    this.legs = legsOf(options.resume, options.config, options.warmStart?.origin);
    this.#openBatches = options.openBatches;
    this.#fingerprints = fingerprints(options);
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
   * @throws {CheckpointError} the state to resume from is of another painting, loss network or architecture.
   */
  static async create(options: NetworkTrainerOptions): Promise<NetworkTrainer> {
    checkResume(options);
    return new NetworkTrainer(options, await prepareTraining(options));
  }

  get stepsDone(): number {
    return this.#stepsDone;
  }

  /** Photos seen so far, counted with repetition. */
  get images(): number {
    return this.#images;
  }

  /** Losses of the last 50 steps, oldest first; of one phase only, as those of another cannot be compared with them. */
  get recent() {
    return this.#recent;
  }

  get guard() {
    return this.#guard;
  }

  /**
   * Trains up to `config.steps`, yielding after each step. Leaving the loop early is fine: the state is that of the
   * last step yielded. Whether a step's numbers are any good is for the caller to judge, who may `restore` an earlier
   * state: training then continues from it with the next photos.
   */
  async *steps(): AsyncGenerator<StepProgress, void, void> {
    const { steps, averaging } = this.#config;
    if (this.#stepsDone >= steps) return;
    const sideNow = () => phaseAt(this.#stepsDone, this.#config).imageSize;
    const photos = cropBatches(this.#openBatches, this.#position, sideNow);
    try {
      for await (const batch of photos) {
        const factor = this.#guard.learningRateFactor;
        const learningRate = factor * learningRateAt(this.#stepsDone, this.#config);
        const share = averagingShareAt(this.#stepsDone, averaging);
        const { losses, health } = this.#trainOn(batch, learningRate, share);
        const earlier = beginsPhase(this.#stepsDone, this.#config) ? [] : this.#recent;
        this.#stepsDone += 1;
        this.#images += batch.count;
        this.#position = batch.position;
        this.#recent = [...earlier, losses].slice(-AVERAGED_STEPS);
        yield { step: this.#stepsDone, losses, health, learningRate };
        if (this.#stepsDone >= steps) return;
      }
    } finally {
      await photos.return();
    }
  }

  /**
   * Loss terms of photos under the averaged weights, without a step. Needs `NetworkTrainerOptions.evaluates`.
   *
   * @param style where several share the network: the number of the one to paint in.
   */
  evaluate({ pixels, size, count }: Omit<PhotoBatch, 'position'>, style = 0): LossValues {
    const photos = tf.tensor4d(new Float32Array(pixels), [count, size, size, 3]);
    const choices = this.#choices(new Array(count).fill(style));
    const losses = this.#functions.evaluate({ photos, choices });
    const values = lossValues(losses);
    tf.dispose([photos, choices, losses]);
    return values;
  }

  /** Numbers of styles as rows of [N, S], one-hot; undefined for a network of one style. Caller disposes. */
  #choices(ofPhotos: readonly number[]): tf.Tensor | undefined {
    const { styles } = this;
    if (styles === undefined) return undefined;
    return tf.tensor2d(ofPhotos.map((chosen) => styles.map((_, i) => (i === chosen ? 1 : 0))));
  }

  #trainOn({ pixels, size, count, position }: PhotoBatch, learningRate: number, averagingShare: number) {
    const phase = phaseAt(this.#stepsDone, this.#config);
    this.#functions.enter(phase);
    const { stabilityWeight } = phase;
    const { seed } = this.#config;
    const styles = stylesOfPhotos(seed, this.styles?.length ?? 1, this.#images, count);
    const inputs: StepInputs = {
      photos: photosOf(pixels, [count, size, size, 3]),
      learningRate: tf.scalar(learningRate),
      averagingShare: tf.scalar(averagingShare),
      choices: this.#choices(styles),
      changes: stabilityWeight > 0 ? drawChanges(this.#config, position, count, size) : undefined,
    };
    const { losses, photoTerms, health } = this.#functions.step(inputs);
    tf.dispose(inputs);
    const photos = photoTerms === undefined ? {} : { photos: photoLosses(photoTerms, styles) };
    return { losses: { ...losses, ...photos }, health };
  }

  /** The averaged parameters, which are what a checkpoint holds; of several styles, with scales and offsets [S, C]. */
  parameters(): NamedArray[] {
    const state = this.#functions.readState();
    const arrays = this.#specs.map(({ name, shape }) => ({
      name,
      shape,
      values: state.averaged[name]!.dataSync().slice() as Float32Array,
    }));
    tf.dispose(state);
    return [...arrays, ...this.#frozen];
  }

  /** The current parameters of a state, not averaged, as those of one style. @param style its number among several. */
  currentParameters({ tensors }: RunState, style = 0): NamedArray[] {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const arrays = this.#specs.map(({ name }) => ({ ...byName.get(`parameters/${name}`)!, name }));
    return [...(this.styles === undefined ? arrays : parametersOfStyle(arrays, style)), ...this.#frozen];
  }

  /** Everything needed to continue later exactly as if the run had not stopped. */
  runState(): RunState {
    const current = this.#functions.readState();
    const arrays = membersOf(current).map(([name, member]) => {
      return { name, shape: member.shape, values: member.dataSync().slice() as Float32Array };
    });
    tf.dispose(current);
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

/** Photos as a step takes them; it refuses those that it was not made for. Caller disposes. */
function photosOf(pixels: PhotoBatch['pixels'], shape: [number, number, number, number]): tf.Tensor {
  return pixels instanceof Uint8Array ? bytesTensor(pixels, shape) : tf.tensor4d(pixels, shape);
}
