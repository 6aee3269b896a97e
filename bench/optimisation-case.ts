/** One picture optimised by several minimisers: same objective, same start, same number of evaluations. */
import { DEFAULT_OPTIMIZE_CONFIG, type OptimizeConfig } from '../src/optimize/config.ts';
import { LOSSES, QUARTER_WIDTHS } from './cases.ts';

export interface OptimisationCase {
  readonly kind: 'optimisation';
  /** As the report calls it, and as files are named. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Channels of the loss network's five blocks. */
  readonly vggWidths: readonly number[];
  /** Evaluations that every minimiser makes, the one at the start among them. */
  readonly evaluations: number;
  /** Evaluations of a turn; minimisers take turns. */
  readonly turn: number;
}

/** After so many evaluations the objectives are compared. */
export const BUDGETS = [40, 80, 120] as const;

export function optimisationCases(): readonly OptimisationCase[] {
  return [256, 512].map((side) => ({
    kind: 'optimisation',
    name: `optimisation-${side}x${side}`,
    width: side,
    height: side,
    vggWidths: QUARTER_WIDTHS,
    evaluations: BUDGETS.at(-1)!,
    turn: 10,
  }));
}

const equal = (layers: readonly string[]) => Object.fromEntries(layers.map((layer) => [layer, 1]));

/** The objective of the training cases, over the pixels of one picture; free, because torch's L-BFGS knows no bounds. */
export const OPTIMISATION_CONFIG: OptimizeConfig = {
  ...DEFAULT_OPTIMIZE_CONFIG,
  units: 'relative',
  statistic: 'gram',
  contentWeight: LOSSES.content,
  styleWeight: LOSSES.style,
  tvWeight: LOSSES.tv,
  tvForm: 'squared',
  contentLayers: equal(LOSSES.contentLayers),
  styleLayers: equal(LOSSES.styleLayers),
  pooling: 'max',
  optimizer: { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 10, restartEvery: 0 },
  clamp: false,
};
