import { LOSS_UNITS, type LossUnitsName } from '../losses/loss-units.ts';
import type { LayerWeights } from '../losses/perceptual-loss.ts';
import type { StyleStatistic } from '../losses/style-statistic.ts';
import { HALF_WIDTH, parseArchitecture } from '../networks/architecture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { checkStabilityChanges, DEFAULT_CHANGES, type StabilityChanges } from './stability-setting.ts';

/** Everything that decides what a training run computes. It is written into run state and checkpoint. */
export interface TrainConfig {
  /** Layers of the image transform net, as in `c9s1-16,d32,d64,R64x5,u32,u16,c9s1-3`. */
  readonly architecture: string;
  /** Name or file of the loss network's weights. The commands take `compact` where the default is not there. */
  readonly lossNetwork: string;
  /** Pooling of the loss network. */
  readonly pooling: 'max' | 'average';
  /**
   * Strength of the style, 1 to 10, that `styleWeight` stands for (`strength.ts`); 0 where the weights were given as they
   * are.
   */
  readonly strength: number;
  /** Units of content, style and total variation (docs/losses.md): shares, or those of a published program. */
  readonly units: LossUnitsName;
  /** Weight of the relative content loss: share of the photo's feature energy that is lost, averaged over layers. */
  readonly contentWeight: number;
  /** Weight of the relative style loss: share of the painting's style statistic that is missed, averaged over layers. */
  readonly styleWeight: number;
  /** Weight of total variation: mean squared difference of neighbouring pixels in [0, 255]. */
  readonly tvWeight: number;
  /** Weight of what repeats every 4 px in step with the grid, in squared grey levels: keeps a weave from flat areas. */
  readonly latticeWeight: number;
  /** Weight of the stability term: share of a painting that does not follow small changes of the photo; 0 leaves it out. */
  readonly stabilityWeight: number;
  /** Share of the steps, from the first on, in which stability is not weighed yet (`phases.ts`). */
  readonly stabilityFrom: number;
  /** The largest changes that it is asked to follow; those left away are not made. */
  readonly stabilityChanges: StabilityChanges;
  /** Layers whose feature maps the content loss compares, with their shares. */
  readonly contentLayers: LayerWeights;
  /** Layers whose Gram matrices the style loss compares, with their shares. */
  readonly styleLayers: LayerWeights;
  /** What of the feature maps is the style: Gatys' Gram matrices, or covariance and mean apart. */
  readonly styleStatistic: StyleStatistic;
  /** Longer side in pixels to which the painting is brought; larger means larger strokes. */
  readonly styleSize: number;
  /** Side in pixels of the square crops of photos. */
  readonly imageSize: number;
  /** Share of the steps, from the first on, whose crops have half the side (`phases.ts`). */
  readonly smallCrops: number;
  /** Photos per step. */
  readonly batch: number;
  /** Steps of training. */
  readonly steps: number;
  /** Adam's step size at the start. */
  readonly learningRate: number;
  /** How the learning rate falls: not at all, along a half cosine to 1 % of it, or to a fifth for the last 30 % of steps. */
  readonly decay: 'none' | 'cosine' | 'step';
  /** Steps over which the learning rate rises from 0. */
  readonly warmup: number;
  /** Decay of the running average of weights, which is what is shipped; 0 ships the last weights themselves. */
  readonly averaging: number;
  /** Longest gradient that a step follows; longer ones are shortened to it (`clippedGradients`). 0 takes them as they are. */
  readonly clipNorm: number;
  /** Seed of the first weights, the order of photos, their crops and flips. */
  readonly seed: number;
}

/** The only place where a default is written. docs/decisions.md says how each was found. */
export const DEFAULT_TRAIN_CONFIG: TrainConfig = {
  architecture: HALF_WIDTH,
  lossNetwork: 'vgg19',
  pooling: 'average',
  strength: 0,
  units: 'relative',
  contentWeight: 1,
  styleWeight: 7,
  tvWeight: 2e-4,
  latticeWeight: 0.01,
  stabilityWeight: 0,
  stabilityFrom: 0.5,
  stabilityChanges: DEFAULT_CHANGES,
  contentLayers: { relu4_2: 1 },
  styleLayers: { relu1_1: 1, relu2_1: 1, relu3_1: 1, relu4_1: 1 },
  styleStatistic: 'gram',
  styleSize: 768,
  imageSize: 192,
  smallCrops: 0,
  batch: 1,
  steps: 2_000,
  learningRate: 1e-3,
  decay: 'cosine',
  warmup: 200,
  averaging: 0.998,
  clipNorm: 0,
  seed: 1,
};

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

/** Longer side of a painting in px, least and most. */
export const STYLE_SIZES = [32, 4096] as const;

const BOUNDS: {
  readonly [K in keyof TrainConfig]?: readonly [minimum: number, maximum: number, whole: boolean];
} = {
  strength: [0, 10, false],
  contentWeight: [0, 1e20, false],
  styleWeight: [0, 1e20, false],
  tvWeight: [0, 1e20, false],
  latticeWeight: [0, 1e9, false],
  stabilityWeight: [0, 1e9, false],
  stabilityFrom: [0, 1, false],
  styleSize: [...STYLE_SIZES, true],
  imageSize: [32, 2048, true],
  smallCrops: [0, 1, false],
  batch: [1, 256, true],
  steps: [1, 1e9, true],
  learningRate: [1e-9, 1, false],
  warmup: [0, 1e9, true],
  averaging: [0, 0.999999, false],
  clipNorm: [0, 1e9, false],
  seed: [0, 2 ** 31 - 1, true],
};

const CHOICES: { readonly [K in keyof TrainConfig]?: readonly string[] } = {
  pooling: ['max', 'average'],
  units: Object.keys(LOSS_UNITS),
  styleStatistic: ['gram', 'moments'],
  decay: ['none', 'cosine', 'step'],
};

/**
 * A whole configuration from the values given and the defaults for the rest.
 *
 * @throws {ConfigError} an unknown key, a value that is not of its kind or out of bounds, or settings that do not go together.
 */
export function parseTrainConfig(given: Readonly<Record<string, unknown>>): TrainConfig {
  for (const [key, value] of Object.entries(given)) checkValue(key, value);
  const config = { ...DEFAULT_TRAIN_CONFIG, ...given } as TrainConfig;
  parseArchitecture(config.architecture);
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

function checkValue(key: string, value: unknown): void {
  if (!Object.hasOwn(DEFAULT_TRAIN_CONFIG, key)) {
    throw new ConfigError(
      expected(
        'a setting of training',
        key,
        `the settings are ${Object.keys(DEFAULT_TRAIN_CONFIG).join(', ')}`,
      ),
    );
  }
  const name = key as keyof TrainConfig;
  const bounds = BOUNDS[name];
  if (bounds !== undefined) {
    const [minimum, maximum, whole] = bounds;
    const fits =
      typeof value === 'number' &&
      value >= minimum &&
      value <= maximum &&
      (!whole || Number.isInteger(value));
    if (!fits)
      throw new ConfigError(
        expected(`a ${whole ? 'whole ' : ''}number from ${minimum} to ${maximum} for ${key}`, value),
      );
    return;
  }
  const choices = CHOICES[name];
  if (choices !== undefined) {
    if (!choices.includes(value as string))
      throw new ConfigError(expected(`one of ${choices.join(', ')} for ${key}`, value));
  } else if (name === 'contentLayers' || name === 'styleLayers') {
    checkLayers(key, value);
  } else if (name === 'stabilityChanges') {
    checkStabilityChanges(value);
  } else if (typeof value !== 'string' || value === '') {
    throw new ConfigError(expected(`a text for ${key}`, value));
  }
}

function checkLayers(key: string, value: unknown): void {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const weights = isRecord ? Object.values(value) : [];
  const fits =
    weights.length > 0 && weights.every((w) => typeof w === 'number' && Number.isFinite(w) && w > 0);
  if (!fits)
    throw new ConfigError(
      expected(`layers with weights above 0 for ${key}`, value, 'for instance {"relu4_2": 1}'),
    );
}

/**
 * Layers with weights from a command line: `relu1_1:0.3,relu2_1:0.2`; a layer without a weight has 1.
 *
 * @throws {ConfigError} a weight is not a number above 0.
 */
export function parseLayerWeights(text: string, option: string): LayerWeights {
  const layers: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [layer = '', weight = '1'] = part.trim().split(':');
    const value = Number(weight);
    if (layer === '' || !(value > 0) || !Number.isFinite(value)) {
      throw new ConfigError(expected(`layers like relu1_1:0.5,relu2_1:0.5 for ${option}`, text));
    }
    layers[layer] = value;
  }
  return layers;
}

/** Settings that a run is bound to: its state or its order of photos depends on them. */
const BOUND: readonly (keyof TrainConfig)[] = ['architecture', 'lossNetwork', 'styleSize', 'seed'];

/**
 * The configuration with which a run goes on: its own, with what the user changes now.
 *
 * @throws {ConfigError} a setting that a run cannot change midway.
 */
export function resumedConfig(own: TrainConfig, given: Readonly<Record<string, unknown>>): TrainConfig {
  for (const [key, value] of Object.entries(given)) {
    const name = key as keyof TrainConfig;
    if (JSON.stringify(own[name]) !== JSON.stringify(value) && BOUND.includes(name)) {
      throw new ConfigError(
        expected(
          `the run's own ${optionName(key)} (${JSON.stringify(own[name])}) with --resume`,
          value,
          'leave it away or start a new run',
        ),
      );
    }
  }
  return parseTrainConfig({ ...own, ...given });
}

/** As it is typed: `style-weight` for `styleWeight`. */
const optionName = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
