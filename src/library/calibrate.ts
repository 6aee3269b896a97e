import type { Calibration } from '../train/calibrate/cells.ts';
import type { CalibrateCallbacks, CalibrateOptions } from './calibrate-options.ts';
import { requireObject } from './option-rows.ts';

/**
 * Compares strengths and stroke sizes of a painting by short trainings, as `fast-style calibrate` does. A step is a native call that
 * blocks the event loop for as long as it takes.
 *
 * @throws {ConfigError} an unknown or invalid option. {ImageError}, {DatasetError}, {WeightsError},
 * {CheckpointError} what is given cannot be read. {FileError} a file is there and not to be replaced, or cannot be written.
 * {RuntimeSetupError} TensorFlow is not set up. The signal's reason, where it is aborted.
 */
export async function calibrate(
  options: CalibrateOptions,
  callbacks: CalibrateCallbacks = {},
): Promise<Calibration> {
  requireObject(options);
  // Only now: importing the library loads nothing of training.
  const { calibrateByOptions } = await import('./calibrating.ts');
  return calibrateByOptions(options, callbacks);
}
