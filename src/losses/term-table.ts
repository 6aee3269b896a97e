/**
 * Terms of single pictures that training and optimisation weigh alike, a row each: the setting of its weight, and what makes it.
 * Loads nothing heavy, as the command line reads the settings for --help.
 */
import { numberSetting } from '../system/setting-kinds.ts';
import type { AboutSetting, Setting, SettingsTable } from '../system/settings.ts';
import type { Term } from './term.ts';

/** The group of training's --help. */
export const TRAIN_LOSS = 'Loss:';

/** What makes a term of the settings. */
type Maker = (weights: { readonly [weight: `${string}Weight`]: number | undefined }) => Term;

/** @param load its maker, which loads TensorFlow (`loadMakers`). */
function termWeight<const About extends AboutSetting<number>>(about: About, load: () => Promise<Maker>) {
  // Without its type: the library's declarations reach this table, and must not reach those of TensorFlow.
  return { ...numberSetting([0, 1e9], about), load: load as () => Promise<unknown> } as const;
}

/**
 * Weights of terms, named after them: `latticeWeight` weighs `lattice`. Training has them as options. The optimisation has them
 * unasked (`unaskedWeights`). What the two set differently (content, style, total variation), or one of them alone (stability,
 * pixels), is a row of their own tables, with its maker in `terms.ts`. The order is that in which terms are computed and logged.
 */
export const TERM_WEIGHTS = {
  /** Weight of what repeats every 4 px in step with the grid, in squared grey levels: keeps a weave from flat areas. */
  latticeWeight: termWeight(
    {
      default: 0.01,
      group: TRAIN_LOSS,
      describe: 'Weight of a weave of 4 px (squared grey levels)',
      off: 0,
    },
    async () => (await import('./lattice-loss.ts')).latticeTerm,
  ),
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
