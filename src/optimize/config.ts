import type { LossUnitsName, TotalVariationForm } from '../losses/loss-units.ts';
import type { LayerWeights } from '../losses/perceptual-loss.ts';
import type { StyleStatistic } from '../losses/style-statistic.ts';
import type { Pooling } from '../networks/loss-network.ts';

import type { RecipeName } from './recipes/recipes.ts';

/** L-BFGS: with a strong-Wolfe line search (`Lbfgs`), or with steps of fixed length (`FixedStepLbfgs`). */
export interface LbfgsConfig {
  readonly kind: 'lbfgs';
  readonly lineSearch: 'strong-wolfe' | 'none';
  /** Pairs of steps and gradient changes that are remembered. */
  readonly history: number;
  /** Evaluations after which the memory is forgotten (the keras recipe's rounds of 20); 0 never. */
  readonly restartEvery: number;
  /** Without line search: grey levels that are 1 in the published program (255 where pixels are in [0, 1]). Defaults to 1. */
  readonly unit?: number;
  /** Without line search: factor on the objective in the published program. Defaults to 1. */
  readonly lossScale?: number;
}

/** Adam (`Adam`), with a learning rate in grey levels per step. */
export interface AdamConfig {
  readonly kind: 'adam';
  readonly learningRate: number;
  /** Factor on the rate: after every `decaySteps` steps, or, exponential, smoothly so that it is reached after as many. */
  readonly decay: 'constant' | 'exponential' | 'staircase';
  readonly decayRate: number;
  readonly decaySteps: number;
  /** Added to the root of the second moment, in units of the gradient: 1e-8 as published, less where gradients are small. */
  readonly epsilon: number;
}

/** What the optimisation starts from; pixels in [0, 255]. */
export type StartConfig =
  | { readonly kind: 'content' | 'style' | 'grey' | 'given' }
  /** Every value uniform in [0, 255]. */
  | { readonly kind: 'uniform' }
  /**
   * Normal noise about `mean` (the photo's own mean per channel, a grey level, or one per channel), with a standard
   * deviation in grey levels or as a share of the photo's.
   */
  | {
      readonly kind: 'normal';
      readonly mean: 'content' | number | readonly [number, number, number];
      readonly deviation: number | { readonly shareOfContent: number };
    }
  /** `share` of uniform noise, the rest the photo (or the given picture, if there is one). */
  | { readonly kind: 'blend'; readonly share: number };

/** Everything that decides what an optimisation computes, as data. */
export interface OptimizeConfig {
  /** The published recipe that this is, or started as; the result then notes what the loss network does differently. */
  readonly recipe?: RecipeName;
  /** Units of content and style loss (`LOSS_UNITS`). */
  readonly units: LossUnitsName;
  /** What is compared at the style layers; only the units `relative` know moments. */
  readonly statistic: StyleStatistic;
  readonly contentWeight: number;
  readonly styleWeight: number;
  readonly contentLayers: LayerWeights;
  readonly styleLayers: LayerWeights;
  /** Weight of total variation in the form of `tvForm`. */
  readonly tvWeight: number;
  /** Mean of squared differences (`squared`), Keras' sum of powers of 1.25, or one that a style was trained with. */
  readonly tvForm: TotalVariationForm;
  /** Weight of what repeats every 4 px in step with the grid (`latticeLoss`): part of what styles are trained with. */
  readonly latticeWeight: number;
  /** Weight of the mean squared difference of pixels (in [0, 1]) to the photo: copying, the first warm-up. */
  readonly pixelWeight: number;
  readonly pooling: Pooling;
  /** The loss network's own input, or the keras recipe's, with the means of red and blue swapped. */
  readonly input: 'own' | 'swapped-means';
  /** Keep the photo's colours: change its luminance alone, or give the paintings its mean and covariance of colours. */
  readonly keepColors: 'off' | 'luminance' | 'histogram';
  /** Longer side of the paintings as a multiple of the photo's. */
  readonly styleScale: number;
  /** Paintings keep their aspect, or are brought to the very width and height of the photo (times `styleScale`). */
  readonly styleFit: 'aspect' | 'stretch';
  readonly start: StartConfig;
  readonly seed: number;
  readonly optimizer: LbfgsConfig | AdamConfig;
  /** Keep pixels in [0, 255] while optimising; otherwise they are clipped at the end only. */
  readonly clamp: boolean;
  /** Coarse to fine: sizes as shares of the whole, ascending to 1, with the share of the iterations each gets. */
  readonly scales: readonly { readonly scale: number; readonly share: number }[];
  /** Iterations over all scales. */
  readonly iterations: number;
  /** Stop when an iteration (of 10, in the mean) lowers the total by less than this share of it; 0 never. */
  readonly tolerance: number;
  /** Stop when no pixel's gradient is larger than this share of the first one's; 0 never. */
  readonly gradientTolerance: number;
  /** Seconds; 0 is no limit. */
  readonly timeLimit: number;
  /** Evaluations of the objective; 0 is no limit. */
  readonly evaluationLimit: number;
  /** Decay of a running average of the iterates, which is then the result; 0 takes the best iterate. */
  readonly averaging: number;
  /** A step that raises the total by this factor is undone and shortened. */
  readonly spikeFactor: number;
}

/** Our own recipe. docs/decisions.md says how each value was found. */
export const DEFAULT_OPTIMIZE_CONFIG: OptimizeConfig = {
  units: 'relative',
  statistic: 'moments',
  contentWeight: 1,
  styleWeight: 5,
  contentLayers: { relu3_2: 0.2, relu4_2: 0.8 },
  styleLayers: { relu1_1: 1, relu2_1: 1, relu3_1: 1, relu4_1: 1.5, relu5_1: 1.5 },
  tvWeight: 4e-4,
  tvForm: 'squared',
  latticeWeight: 0,
  pixelWeight: 0,
  pooling: 'average',
  input: 'own',
  keepColors: 'off',
  styleScale: 1,
  styleFit: 'aspect',
  start: { kind: 'content' },
  seed: 1,
  optimizer: { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 10, restartEvery: 0 },
  clamp: true,
  scales: [{ scale: 1, share: 1 }],
  iterations: 300,
  tolerance: 0,
  gradientTolerance: 0,
  timeLimit: 0,
  evaluationLimit: 0,
  averaging: 0,
  spikeFactor: 10,
};
