/** What implements the library's `Trainer`. */
import { choosePrecision } from '../engine/precision.ts';
import { softwareVersions } from '../engine/versions.ts';
import { saveCheckpoint } from '../networks/checkpoint.ts';
import { canonicalWeights } from '../networks/layer-names.ts';
import { readLossNetworkWeights } from '../networks/loss-network-weights.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { TrainConfig } from '../train/config.ts';
import { TRAIN_CALL } from '../train/run/call-settings.ts';
import { describeRun, type TrainingDescription } from '../train/run/description.ts';
import { configOf } from '../train/run/inputs.ts';
import { readPaintings } from '../train/run/pictures.ts';
import type { DataPosition } from '../train/run/run-state.ts';
import { withStyleWeights } from '../train/run/strength.ts';
import { subjectsOf } from '../train/run/subject.ts';
import { meanTerms } from '../train/step/loss-values.ts';
import { NetworkTrainer, type PhotoBatch } from '../train/trainer.ts';
import type { PlainTensor, TrainProgress } from './train-options.ts';
import type { TrainerOptions } from './trainer-options.ts';
import { byTrainingNames, callOfOptions } from './training.ts';

const { name, from, precision, accumulate } = TRAIN_CALL;
/** Options of `train` that a trainer also has, besides the settings. */
const ROWS = { name, from, precision, accumulate };

export class StepTrainer {
  readonly #trainer: NetworkTrainer;
  readonly #config: TrainConfig;
  readonly #description: TrainingDescription;
  #disposed = false;

  private constructor(trainer: NetworkTrainer, config: TrainConfig, description: TrainingDescription) {
    this.#trainer = trainer;
    this.#config = config;
    this.#description = description;
  }

  /** Throws as the library's `Trainer.create`. */
  static create({ photos, onNote: say = () => undefined, ...options }: TrainerOptions): Promise<StepTrainer> {
    return byTrainingNames(async () => {
      if (typeof photos !== 'function')
        throw new ConfigError(expected('a function that answers tensors for photos', photos));
      const call = await callOfOptions(options, { rows: ROWS });
      const subject = subjectsOf(call)[0]!;
      const { config: asked, warmStart } = await configOf(call, undefined, 0, { say });
      const paintings = await readPaintings(subject.paintings, asked.styleSize);
      const lossNetwork = await readLossNetworkWeights(asked.lossNetwork);
      for (const layers of [asked.contentLayers, asked.styleLayers])
        canonicalWeights(lossNetwork.kind, layers);
      const precision = await choosePrecision(call.precision);
      const { config, styleWeights } = await withStyleWeights(asked, {
        ...{ resume: undefined, paintings: 1, lossNetwork, say },
      });
      const trainer = await NetworkTrainer.create({
        ...{ config, lossNetwork, precision, accumulate: call.accumulate },
        painting: paintings[0]!.painting,
        dataset: 'of the caller',
        samples: 'floats',
        openBatches: (position, side) => batchesOf(photos(side), side, config.batch, position),
        ...(warmStart === undefined ? {} : { warmStart }),
      });
      const description = describeRun({
        ...{ args: call, subject, config, paintings, styleWeights, precision, lossNetwork },
        ...{ base: undefined, photos: 0, legs: trainer.legs, software: softwareVersions() },
      });
      return new StepTrainer(trainer, config, description);
    });
  }

  get stepsDone(): number {
    return this.#trainer.stepsDone;
  }

  async *steps(): AsyncGenerator<TrainProgress, void, void> {
    this.#requireWhole();
    const { steps } = this.#config;
    for await (const { step, learningRate } of this.#trainer.steps()) {
      yield { step, steps, learningRate, losses: meanTerms(this.#trainer.recent) };
      this.#requireWhole();
    }
  }

  parameters(): readonly PlainTensor[] {
    this.#requireWhole();
    return this.#trainer.parameters();
  }

  async save(file: string, { overwrite = false }: { readonly overwrite?: boolean }): Promise<void> {
    this.#requireWhole();
    const { stepsDone: steps, images, run, recent } = this.#trainer;
    const training = { ...this.#description.training, run };
    const losses = steps === 0 ? {} : { ...meanTerms(recent) };
    const description = { ...this.#description, training, steps, images, losses };
    await saveCheckpoint(file, description, this.#trainer.parameters(), { overwrite });
  }

  dispose(): void {
    if (!this.#disposed) this.#trainer.dispose();
    this.#disposed = true;
  }

  #requireWhole(): void {
    if (this.#disposed) throw new Error('This trainer has been disposed of.');
  }
}

/** The caller's tensors as batches. @throws {ConfigError} one of another shape. */
async function* batchesOf(
  photos: ReturnType<TrainerOptions['photos']>,
  size: number,
  count: number,
  position: DataPosition | undefined,
): AsyncGenerator<PhotoBatch, void, void> {
  let index = position?.index ?? 0;
  const wanted = [count, size, size, 3];
  for await (const tensor of photos) {
    const { shape } = tensor;
    if (shape.length !== wanted.length || wanted.some((side, i) => side !== shape[i]))
      throw new ConfigError(expected(`photos of shape [${wanted.join(', ')}]`, `[${shape.join(', ')}]`));
    index += count;
    yield { pixels: Float32Array.from(await tensor.data()), size, count, position: { epoch: 0, index } };
  }
}
