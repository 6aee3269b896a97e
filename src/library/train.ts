import type { PlanFigures } from '../train/plan/figures.ts';
import { requireObject } from './option-rows.ts';
import type {
  TrainCallbacks,
  TrainEachCallbacks,
  TrainEachOptions,
  TrainedPainting,
  TrainedStyle,
  TrainOptions,
} from './train-options.ts';

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
 * Trains a network for each of several paintings, one after the other, as `fast-style train` does with several. What would fail at once
 * rejects before the first is begun; what fails later does not stop the rest. With `resume`, each goes on where it stopped.
 *
 * @returns one for each painting, in their order; those that failed have an `error`. @throws as `train`, but for a run that cannot
 * continue. {InterruptedError}, {TrainingStoppedError} end the list.
 */
export async function trainEach(
  options: TrainEachOptions,
  callbacks: TrainEachCallbacks = {},
): Promise<readonly TrainedPainting[]> {
  requireObject(options);
  const { trainStyles } = await import('./training.ts');
  return trainStyles(options, callbacks);
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
