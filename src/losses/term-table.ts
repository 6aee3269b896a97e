/**
 * The terms that there are, as a table: this is the one list of them. A new one is a line in each of its two parts. Loads nothing
 * heavy.
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
    describe: 'Weight of what repeats every 4 px in step with the grid (squared grey levels)',
    off: 0,
  }),
} as const;

/** What makes the terms of their settings, in the order in which they are computed, added up and logged. */
export const TERM_MAKERS = [
  async () => (await import('./content-loss.ts')).contentTerm,
  async () => (await import('./style-term.ts')).styleTerms,
  async () => (await import('./total-variation.ts')).totalVariationTerm,
  async () => (await import('./lattice-loss.ts')).latticeTerm,
  async () => (await import('./pixel-loss.ts')).pixelTerms,
  async () => (await import('./stability-loss.ts')).stabilityTerms,
] as const;

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
