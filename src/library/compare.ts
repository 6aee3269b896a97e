import type { CompareCallbacks, CompareOptions, Comparison } from './compare-options.ts';
import { requireObject } from './option-rows.ts';

/**
 * Counts how many iterations of the optimisation a style's network is worth (Johnson et al. 2016), as `fast-style compare` does. An
 * evaluation is a native call that blocks the event loop for as long as it takes; the loop runs between iterations.
 *
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist. {DatasetError}
 * no photos. {ImageError} a picture cannot be read. {WeightsError} the loss network cannot. {FileError} a report is there and not to be
 * replaced, or cannot be written. {RuntimeSetupError} TensorFlow is not set up. {InterruptedError} the signal was aborted; its reason
 * is the cause. Where pictures are still being read, the signal's reason itself.
 */
export async function compare(
  options: CompareOptions,
  callbacks: CompareCallbacks = {},
): Promise<Comparison> {
  requireObject(options);
  // Only now: importing the library loads nothing of the optimisation.
  const { compareByOptions } = await import('./comparing.ts');
  return compareByOptions(options, callbacks);
}
