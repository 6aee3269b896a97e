/** The settings of the minimisers, one row each. Loads nothing heavy. */
import { ConfigError, expected } from '../system/errors.ts';
import { choiceSetting, numberSetting } from '../system/setting-kinds.ts';
import { checkSettings, defaultsOf, type SettingValues } from '../system/settings.ts';

/** The group of --help. */
export const METHOD = 'Optimisation:';

/** L-BFGS: with a strong-Wolfe line search (`Lbfgs`), or with steps of fixed length (`FixedStepLbfgs`). */
export const LBFGS_SETTINGS = {
  lineSearch: choiceSetting(['strong-wolfe', 'none'], {
    default: 'strong-wolfe',
    group: METHOD,
    describe: 'Steps of L-BFGS: with a line search, or fixed as in torch',
  }),
  /** Pairs of steps and gradient changes that are remembered. */
  history: numberSetting([1, 1000], { default: 10 }),
  /** Evaluations after which the memory is forgotten (the keras recipe's rounds of 20); 0 never. */
  restartEvery: numberSetting([0, 1e9], { default: 0 }),
} as const;

/** What a published program with steps of fixed length had otherwise; may be absent. */
export const FIXED_STEP_SETTINGS = {
  /** Grey levels that are 1 in the published program (255 where pixels are in [0, 1]). */
  unit: numberSetting([1e-9, 1e9], { default: 1 }),
  /** Factor on the objective in the published program. */
  lossScale: numberSetting([1e-20, 1e20], { default: 1 }),
} as const;

/** Adam (`Adam`), with a learning rate in grey levels per step. */
export const ADAM_SETTINGS = {
  /** 2 as from the photo. */
  learningRate: numberSetting([1e-9, 255], {
    default: 2,
    option: 'lr',
    group: METHOD,
    describe: "Adam's step in grey levels",
  }),
  /** Factor on the rate: after every `decaySteps` steps, or, exponential, smoothly so that it is reached after as many. */
  decay: choiceSetting(['constant', 'exponential', 'staircase'], {
    default: 'constant',
    isReadByCommand: true,
    group: METHOD,
    describe: "How Adam's step falls: constant, exponential:<rate>:<steps> or staircase:<rate>:<steps>",
  }),
  decayRate: numberSetting([1e-9, 1], { default: 0.95 }),
  decaySteps: numberSetting([1, 1e9], { default: 100 }),
  /** Added to the root of the second moment, in units of the gradient: 1e-8 as published, less where gradients are small. */
  epsilon: numberSetting([0, 1], { default: 1e-8 }),
} as const;

export interface LbfgsConfig
  extends SettingValues<typeof LBFGS_SETTINGS>,
    Partial<SettingValues<typeof FIXED_STEP_SETTINGS>> {
  readonly kind: 'lbfgs';
}

export interface AdamConfig extends SettingValues<typeof ADAM_SETTINGS> {
  readonly kind: 'adam';
}

export const DEFAULT_LBFGS: LbfgsConfig = { kind: 'lbfgs', ...defaultsOf(LBFGS_SETTINGS) };

/** Adam where the user asks for it and the recipe does not have it. */
export const DEFAULT_ADAM: AdamConfig = { kind: 'adam', ...defaultsOf(ADAM_SETTINGS) };

/** @throws {ConfigError} neither minimiser, an unknown setting of it, or one out of bounds. */
export function checkMinimizer(value: unknown, name: string): LbfgsConfig | AdamConfig {
  const { kind, ...settings } = (value ?? {}) as Partial<LbfgsConfig | AdamConfig>;
  if (kind === 'lbfgs') checkSettings({ ...LBFGS_SETTINGS, ...FIXED_STEP_SETTINGS }, settings, 'L-BFGS');
  else if (kind === 'adam') checkSettings(ADAM_SETTINGS, settings, 'Adam');
  else throw new ConfigError(expected(`lbfgs or adam as the kind of ${name}`, value));
  return value as LbfgsConfig | AdamConfig;
}
