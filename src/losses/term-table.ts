/**
 * The weights of terms, as rows of settings. Loads nothing heavy: the command line reads them for --help. What makes the terms is
 * listed in `terms.ts`, which loads TensorFlow.
 */
import { numberSetting, type Setting, type SettingsTable } from '../system/settings.ts';

/** The group of training's --help. */
export const TRAIN_LOSS = 'Loss:';

/**
 * Weights of terms, named after them: `latticeWeight` weighs `lattice`. Training has them as options. The optimisation has them
 * unasked (`unaskedWeights`). What the two set differently (content, style, total variation), or one of them alone (stability,
 * pixels), is a row of their own tables.
 */
export const TERM_WEIGHTS = {
  /** Weight of what repeats every 4 px in step with the grid, in squared grey levels: keeps a weave from flat areas. */
  latticeWeight: numberSetting([0, 1e9], {
    default: 0.01,
    group: TRAIN_LOSS,
    describe: 'Weight of a weave of 4 px (squared grey levels)',
    off: 0,
  }),
} as const;

/** The same weights where no option asks for them: 0 unless what a style was trained with sets them. */
export function unaskedWeights<Table extends SettingsTable>(
  weights: Table,
): { readonly [Name in keyof Table]: Setting<number> } {
  const rows = Object.entries(weights).map(([name, { type, bounds, checked }]) => [
    name,
    { default: 0, type, bounds, checked },
  ]);
  return Object.fromEntries(rows) as { readonly [Name in keyof Table]: Setting<number> };
}
