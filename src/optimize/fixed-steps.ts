import type { LossUnitsName } from '../losses/loss-units.ts';
import type { LbfgsConfig } from './minimizer-settings.ts';

/**
 * Shares are small numbers: their first pair has an sᵀy of some 1e-16, below what the published optimiser remembers, and it
 * would make no progress. Neural-style's losses are some 1e5 to 1e7 for the same pictures. From 10 to 1e10 all factors do
 * equally well (docs/decisions.md).
 */
const SHARES_SCALE = 1e6;

/**
 * The optimiser that was published (`FixedStepLbfgs`), with Torch's history of 100, for a loss in these units. Coordinates
 * are grey levels, as Torch7's Caffe networks have them, but for the PyTorch tutorial's pixels in [0, 1].
 */
export function fixedSteps(units: LossUnitsName): LbfgsConfig {
  return {
    kind: 'lbfgs',
    lineSearch: 'none',
    history: 100,
    restartEvery: 0,
    ...(units === 'relative' && { lossScale: SHARES_SCALE }),
    ...(units === 'pytorch' && { unit: 255 }),
  };
}
