import type { PlanFigures } from '../train/plan/figures.ts';
import { requireObject } from './option-rows.ts';
import type { TrainCallbacks, TrainedStyle, TrainOptions } from './train-options.ts';

/**
 * Trains a network that paints in the style of a picture, as `fast-style train` does: same checks, same files, same numbers.
 *
 * @throws {ConfigError} an unknown or invalid option. {InterruptedError} the signal was aborted; its
 * reason is the cause, and `resume` continues. {RuntimeSetupError} TensorFlow is not set up. {ImageError}, {DatasetError},
 * {WeightsError}, {CheckpointError}, {FileError} what is given cannot be read, or the run's files not be written.
 * {TrainingDivergedError}, {TrainingStoppedError} the run cannot continue; the last good state is saved.
 */
export async function train(options: TrainOptions, callbacks: TrainCallbacks = {}): Promise<TrainedStyle> {
  requireObject(options);
  // Only now: importing the library loads nothing of training.
  const { trainStyle } = await import('./training.ts');
  return trainStyle(options, callbacks);
}

/**
 * Says what a training would take, as `fast-style train --plan` does: measures a step and writes nothing.
 *
 * @param options those of `train`. @throws as `train`; {ConfigError}, {FileError} also where memory or disk do not suffice, unless
 * `ignorePlan` is given.
 */
export async function planTraining(
  options: TrainOptions,
  callbacks: Omit<TrainCallbacks, 'onProgress'> = {},
): Promise<PlanFigures> {
  requireObject(options);
  const { planByOptions } = await import('./training.ts');
  return planByOptions(options, callbacks);
}
