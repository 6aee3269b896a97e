/** A training run's configuration: what decides what it computes. */
import { outputOf, parseArchitecture } from '../networks/architecture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { checkSettings, defaultsOf, optionName, type SettingValues } from '../system/settings.ts';
import { BOUND, TRAIN_SETTINGS } from './settings.ts';

/** Everything that decides what a training run computes. It is written into run state and checkpoint. */
export interface TrainConfig extends SettingValues<typeof TRAIN_SETTINGS> {}

export const DEFAULT_TRAIN_CONFIG: TrainConfig = defaultsOf(TRAIN_SETTINGS);

/**
 * How long one is ready to wait, as settings: a few minutes, a break, a night (docs/train-your-own.md). `good` are the defaults.
 */
export const QUALITIES = {
  preview: { steps: 400, imageSize: 128 },
  good: { steps: DEFAULT_TRAIN_CONFIG.steps, imageSize: DEFAULT_TRAIN_CONFIG.imageSize },
  best: { steps: 16_000, imageSize: 256, smallCrops: 0.5 },
} as const satisfies Readonly<Record<string, Partial<TrainConfig>>>;

export type Quality = keyof typeof QUALITIES;

/** What differs by default where weights come from a trained style (`train --from`): they need no careful first steps. */
export const WARM_START_DEFAULTS: Partial<TrainConfig> = { warmup: 0 };

/**
 * A whole configuration from the values given and the defaults for the rest.
 *
 * @throws {ConfigError} an unknown key, a value that is not of its kind or out of bounds, or settings that do not go together.
 */
export function parseTrainConfig(given: Readonly<Record<string, unknown>>): TrainConfig {
  checkSettings(TRAIN_SETTINGS, given, 'training');
  const config = { ...DEFAULT_TRAIN_CONFIG, ...given } as TrainConfig;
  if (outputOf(parseArchitecture(config.architecture)) !== 'tanh')
    throw new ConfigError(
      expected(
        'an architecture that ends in a convolution, without linear or tanh150, to train',
        config.architecture,
        'imported styles only paint',
      ),
    );
  if (config.contentWeight === 0 && config.styleWeight === 0) {
    throw new ConfigError(expected('a content or style weight above 0', '0 for both'));
  }
  checkUnits(config);
  return config;
}

/** Published weights are of published units, which know neither a strength nor moments. */
function checkUnits({ units, strength, styleStatistic }: TrainConfig): void {
  if (units === 'relative') return;
  if (strength > 0)
    throw new ConfigError(
      expected(
        `content and style weight with the units ${units}`,
        `a strength of ${strength}`,
        'a strength is found in the units relative',
      ),
    );
  if (styleStatistic === 'moments')
    throw new ConfigError(
      expected(
        `the style statistic gram in the units ${units}`,
        styleStatistic,
        'moments have the units relative only',
      ),
    );
}

/**
 * The configuration of a resumed run: its own, with what the user changes now.
 *
 * @throws {ConfigError} a setting that a run cannot change midway.
 */
export function resumedConfig(own: TrainConfig, given: Readonly<Record<string, unknown>>): TrainConfig {
  for (const name of BOUND) {
    const value = given[name];
    if (value !== undefined && JSON.stringify(own[name]) !== JSON.stringify(value))
      throw new ConfigError(
        expected(
          `the run's own ${optionName(name)} (${JSON.stringify(own[name])}) with --resume`,
          value,
          'omit it or start a new run',
        ),
      );
  }
  return parseTrainConfig({ ...own, ...given });
}
