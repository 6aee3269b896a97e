import { requireObject } from './option-rows.ts';
import type { PlainTensor, TrainProgress } from './train-options.ts';
import type { StepTrainer } from './trainer-of-steps.ts';
import type { TrainerOptions } from './trainer-options.ts';

/**
 * A training that is led step by step, on photos of the caller's own, with no folder, guard or previews: `train` has these.
 * A step is a native call that blocks the event loop for as long as it takes.
 */
export class Trainer {
  readonly #trainer: StepTrainer;

  private constructor(trainer: StepTrainer) {
    this.#trainer = trainer;
  }

  /**
   * Reads the painting and the loss network, and compiles the step. Caller disposes.
   *
   * @throws {ConfigError} an unknown or invalid option. {ImageError} the painting cannot be read.
   * {WeightsError} the loss network cannot. {CheckpointError} the style in `from` does not exist. {RuntimeSetupError}
   * TensorFlow is not set up.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    requireObject(options);
    // Only now: importing the library loads nothing of training.
    const { StepTrainer } = await import('./trainer-of-steps.ts');
    return new Trainer(await StepTrainer.create(options));
  }

  /** Steps done. */
  get stepsDone(): number {
    return this.#trainer.stepsDone;
  }

  /**
   * Trains up to `steps`, or till the photos end, yielding after each step. Leaving the loop early is fine; another loop
   * continues.
   *
   * @throws {ConfigError} a batch of another shape.
   */
  steps(): AsyncGenerator<TrainProgress, void, void> {
    return this.#trainer.steps();
  }

  /** The network's tensors as they would paint now (running averages), in the order of its layers. */
  parameters(): readonly PlainTensor[] {
    return this.#trainer.parameters();
  }

  /** Writes a style for `Stylizer.load`. @throws {FileError} it cannot be written, or is there and not to be replaced. */
  save(file: string, options: { readonly overwrite?: boolean } = {}): Promise<void> {
    return this.#trainer.save(file, options);
  }

  /** Frees the network; idempotent. */
  dispose(): void {
    this.#trainer.dispose();
  }
}
