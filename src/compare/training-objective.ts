import type { Checkpoint } from '../networks/checkpoint.ts';
import { DEFAULT_OPTIMIZE_CONFIG, type OptimizeConfig } from '../optimize/config.ts';
import { DEFAULT_TRAIN_CONFIG, parseTrainConfig, type TrainConfig } from '../train/config.ts';

/** What a checkpoint says of its training. */
export type Trained = Pick<Checkpoint, 'name' | 'style' | 'training' | 'lossNetwork'>;

/** The loss that a style was trained with, for an optimisation to be judged by. */
export interface TrainingObjective {
  /** L-BFGS in [0, 255] on exactly that loss: layers, weights, statistic, pooling, total variation. */
  readonly config: OptimizeConfig;
  /** Longer side in pixels of the painting, in training and here. */
  readonly styleSize: number;
  /** Name of its loss network. */
  readonly lossNetwork: string;
}

/**
 * A checkpoint's own training loss. Its style term compares with the painting at the size it had in training, whatever
 * the photo's: `styleScale` is `styleSize` over the photo's longer side.
 *
 * @param longSide of the photo, px.
 * @throws {ConfigError} its training configuration is damaged.
 */
export function trainingObjective({ training }: Trained, longSide: number): TrainingObjective {
  // Beside the configuration, a checkpoint's training says what came of it: photos, legs, precision.
  const known = Object.keys(DEFAULT_TRAIN_CONFIG);
  const given = Object.fromEntries(Object.entries(training).filter(([key]) => known.includes(key)));
  const config: TrainConfig = parseTrainConfig(given);
  const { pooling, contentWeight, styleWeight, tvWeight, contentLayers, styleLayers, styleSize } = config;
  return {
    config: {
      ...DEFAULT_OPTIMIZE_CONFIG,
      units: 'relative',
      statistic: config.styleStatistic,
      contentWeight,
      styleWeight,
      contentLayers,
      styleLayers,
      tvWeight,
      tvForm: 'squared',
      pixelWeight: 0,
      pooling,
      input: 'own',
      keepColors: 'off',
      styleScale: styleSize / longSide,
      styleFit: 'aspect',
      optimizer: { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 10, restartEvery: 0 },
      clamp: true,
      scales: [{ scale: 1, share: 1 }],
      averaging: 0,
    },
    styleSize,
    lossNetwork: config.lossNetwork,
  };
}
