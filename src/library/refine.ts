import { checkOptions, number, type RowsOf, text, unchecked } from './option-rows.ts';
import type { PaintedPixels } from './options.ts';
import type { RefineOptions } from './refine-options.ts';

const OPTIONS = {
  ...{ style: text, photo: unchecked, painting: unchecked, steps: number, painted: unchecked },
  ...{ lossNetwork: text, onNote: unchecked, signal: unchecked },
} satisfies RowsOf<RefineOptions>;

/**
 * Paints a photo and polishes the picture by a few steps of the optimisation on the style's own training loss, as `fast-style
 * stylize --refine` does. A step is a native call that blocks the event loop for as long as it takes.
 *
 * @throws {ConfigError} an unknown or invalid option. {CheckpointError} the style does not exist. {ImageError} a
 * picture cannot be read. {WeightsError} the loss network cannot. {RuntimeSetupError} TensorFlow is not set up. The signal's reason,
 * where it is aborted.
 */
export async function refine(options: RefineOptions): Promise<PaintedPixels> {
  checkOptions(OPTIONS, options, 'refine');
  const { byOptionNames } = await import('./by-option-names.ts');
  // Only now: importing the library loads nothing of the optimisation.
  return byOptionNames(['refine', 'painting', 'lossNetwork'], async () => {
    const { refineByOptions } = await import('./refining.ts');
    return refineByOptions(options);
  });
}
