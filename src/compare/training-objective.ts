import { LOSS_UNITS } from '../losses/loss-units.ts';
import type { Term } from '../losses/term.ts';
import { termsOf } from '../losses/terms.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import { DEFAULT_OPTIMIZE_CONFIG, type OptimizeConfig } from '../optimize/config.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { DEFAULT_TRAIN_CONFIG, parseTrainConfig, type TrainConfig } from '../train/config.ts';
import type { PairObjective } from './pair-parity.ts';

/** What a checkpoint says of its training. */
export type Trained = Pick<Checkpoint, 'name' | 'style' | 'training' | 'lossNetwork'>;

/** The loss that a style was trained with, for an optimisation to be judged by. */
export interface TrainingObjective {
  /** L-BFGS in [0, 255] on exactly that loss: units, layers, weights, statistic, pooling, total variation, lattice. */
  readonly config: OptimizeConfig;
  /** What of that loss a single picture does not have; absent where it is all there. */
  readonly ofPairs?: PairObjective;
  /** The same in words. */
  readonly leftOut?: string;
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
 * @throws {ConfigError} its training configuration is damaged, or it was trained by another program.
 */
export function trainingObjective({ name, training }: Trained, longSide: number): TrainingObjective {
  if (training.imported !== undefined)
    throw new ConfigError(
      expected('a style that fast-style has trained, whose loss is known', `${name}, which is imported`),
    );
  // Besides the configuration, a checkpoint's training says what came of it: photos, legs, precision.
  const known = Object.keys(DEFAULT_TRAIN_CONFIG);
  const given = Object.fromEntries(Object.entries(training).filter(([key]) => known.includes(key)));
  const config: TrainConfig = parseTrainConfig(given);
  const { pooling, units, contentLayers, styleLayers, styleSize, stabilityChanges, seed } = config;
  // Those of the table, which optimisation weighs, too, are of single pictures.
  const ofTraining = termsOf({ ...config, makers: [] });
  const notOfPicture = ofTraining.filter((term) => term.notOfPicture !== undefined);
  const leftOut = notOfPicture.map(
    ({ name, weight, notOfPicture }) => `the ${name} term (weight ${weight}), which is ${notOfPicture}`,
  );
  return {
    config: {
      ...DEFAULT_OPTIMIZE_CONFIG,
      units,
      statistic: config.styleStatistic,
      pixelWeight: 0,
      ...weightsIn(config, notOfPicture),
      contentLayers,
      styleLayers,
      tvForm: LOSS_UNITS[units].tv,
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
    ...(leftOut.length > 0 && {
      ofPairs: { terms: notOfPicture, stabilityChanges, seed },
      leftOut: leftOut.join(' and '),
    }),
  };
}

/** Whatever training weighs, each term under its own name, without some. */
function weightsIn(config: TrainConfig, without: readonly Term[]): Partial<OptimizeConfig> {
  const left = without.map(({ name }) => `${name}Weight`);
  const weights = Object.entries(config).filter(([name, value]) => {
    const isWeighed = Object.hasOwn(DEFAULT_OPTIMIZE_CONFIG, name) || value !== 0;
    return name.endsWith('Weight') && isWeighed && !left.includes(name);
  });
  return Object.fromEntries(weights);
}
