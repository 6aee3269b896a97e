import type { OptimizeProgress } from '../optimize/progress.ts';
import type {
  OptimizeCallbacks,
  OptimizedPicture,
  OptimizeOptions,
  OptimizeStepCallbacks,
} from './optimize-options.ts';
import { requireObject } from './option-rows.ts';

/**
 * Optimises one picture for a photo's content and a painting's style (Gatys et al. 2016), as `fast-style optimize` does: same
 * checks, same files, same numbers. An evaluation is a native call that blocks the event loop for as long as it takes; the loop
 * runs between iterations.
 *
 * @throws {ConfigError} an unknown or invalid option. {ImageError}, {WeightsError}, {CheckpointError} what
 * is given cannot be read. {FileError} a file cannot be written, or is there and not to be replaced. {RuntimeSetupError} TensorFlow
 * is not set up. {InterruptedError} the signal was aborted; its reason is the cause, and `out` has what there is. Where pictures are
 * still being read, the signal's reason itself.
 */
export async function optimize(
  options: OptimizeOptions,
  { onProgress, ...callbacks }: OptimizeCallbacks = {},
): Promise<OptimizedPicture> {
  const steps = optimizeSteps(options, callbacks);
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
      await onProgress?.(value);
    }
  } finally {
    await steps.return(undefined as never);
  }
}

/**
 * As `optimize`, led by the caller: yields the start, and every iteration. Leaving the loop early is fine, and writes nothing.
 *
 * @returns what came of it, as the generator's return value. Throws as `optimize`.
 */
export async function* optimizeSteps(
  options: OptimizeOptions,
  callbacks: OptimizeStepCallbacks = {},
): AsyncGenerator<OptimizeProgress, OptimizedPicture, void> {
  requireObject(options);
  // Only now: importing the library loads nothing of the optimisation.
  const { optimizeByOptions } = await import('./optimizing.ts');
  return yield* optimizeByOptions(options, callbacks);
}
