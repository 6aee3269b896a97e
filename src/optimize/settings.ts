/** The settings of the optimisation, one row each. Loads nothing heavy. */
import { LOSS_UNITS, type LossUnitsName } from '../losses/loss-units.ts';
import { TERM_WEIGHTS, unaskedWeights } from '../losses/term-table.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { layersOrNoneSetting } from '../system/layer-setting.ts';
import {
  choiceSetting,
  numberSetting,
  ownSetting,
  switchSetting,
  wholeSetting,
} from '../system/setting-kinds.ts';
import type { Setting } from '../system/settings.ts';
import { checkMinimizer, DEFAULT_LBFGS, METHOD } from './minimizer-settings.ts';
import { checkStart } from './start-setting.ts';

/** Groups of --help. */
export const PICTURES = 'Pictures:';
export const LOSS = 'Losses:';

/** A size of the coarse-to-fine way, as a share of the whole, with its share of the iterations. */
export interface ScaleConfig {
  readonly scale: number;
  readonly share: number;
}

/**
 * Our own recipe, in the order of the trace's settings. docs/decisions.md says how each value was found. What has no text for
 * --help is set by recipes alone.
 */
export const OPTIMIZE_SETTINGS = {
  /** Units of content and style loss (`LOSS_UNITS`). */
  units: choiceSetting(Object.keys(LOSS_UNITS) as LossUnitsName[], {
    default: 'relative',
    group: LOSS,
    describe: 'Units of the losses (docs/losses.md), with their published layers and weights',
    // The others are of trained networks.
    words: {
      ...{ relative: 'relative', gatys: 'gatys', pytorch: 'pytorch', slim: 'slim' },
      ...{ coursera: 'coursera', keras: 'keras' },
    },
  }),
  /** What is compared at the style layers; only the units `relative` know moments. */
  statistic: choiceSetting(['moments', 'gram'], {
    default: 'moments',
    group: LOSS,
    describe: "Style as covariance and mean, or as Gatys' Gram matrices",
  }),
  contentWeight: numberSetting([0, 1e20], {
    default: 1,
    alias: 'alpha',
    group: LOSS,
    describe: 'Weight of the content loss',
  }),
  styleWeight: numberSetting([0, 1e20], {
    default: 5,
    alias: 'beta',
    group: LOSS,
    describe: 'Weight of the style loss',
  }),
  contentLayers: layersOrNoneSetting({
    default: { relu3_2: 0.2, relu4_2: 0.8 },
    group: LOSS,
    describe: 'Content layers, such as relu4_2 or relu3_2:0.2,relu4_2:0.8',
  }),
  styleLayers: layersOrNoneSetting({
    default: { relu1_1: 1, relu2_1: 1, relu3_1: 1, relu4_1: 1.5, relu5_1: 1.5 },
    group: LOSS,
    describe: 'Style layers with weights',
  }),
  /** Weight of total variation in the form of `tvForm`. */
  tvWeight: numberSetting([0, 1e20], {
    default: 4e-4,
    option: 'tv',
    isReadByCommand: true,
    group: LOSS,
    describe: "Weight of total variation; 0.2:power for Keras' form",
  }),
  /** Mean of squared differences (`squared`), Keras' sum of powers of 1.25, or one that a style was trained with. */
  tvForm: choiceSetting(['squared', 'sum', 'directions', 'power'], { default: 'squared' }),
  /** Part of what styles are trained with. */
  ...unaskedWeights(TERM_WEIGHTS),
  /** Weight of the mean squared difference of pixels (in [0, 1]) to the photo: copying, the first warm-up. */
  pixelWeight: numberSetting([0, 1e20], { default: 0 }),
  pooling: choiceSetting(['max', 'average'], {
    default: 'average',
    group: LOSS,
    describe: 'Pooling of the loss network',
  }),
  /** The loss network's own input, or the keras recipe's, with the means of red and blue swapped. */
  input: choiceSetting(['own', 'swapped-means'], { default: 'own' }),
  /** Keep the photo's colours: change its luminance alone, or give the paintings its mean and covariance of colours. */
  keepColors: choiceSetting(['off', 'luminance', 'histogram'], {
    default: 'off',
    option: 'colors',
    words: { style: 'off', 'photo-luminance': 'luminance', histogram: 'histogram' },
    group: PICTURES,
    describe: "Colours: the painting's, the photo's, or the painting's matched to the photo's",
  }),
  /** Longer side of the paintings as a multiple of the photo's. */
  styleScale: numberSetting([0.01, 100], {
    default: 1,
    group: PICTURES,
    describe: "Longer side of the paintings as a multiple of the photo's",
  }),
  /** Paintings keep their aspect, or are brought to the very width and height of the photo (times `styleScale`). */
  styleFit: choiceSetting(['aspect', 'stretch'], {
    default: 'aspect',
    group: PICTURES,
    describe: "Paintings keep their shape, or take the photo's",
  }),
  start: ownSetting(checkStart, {
    default: { kind: 'content' },
    isReadByCommand: true,
    group: METHOD,
    describe: 'content, style, grey, noise, normal[:64], blend[:0.5], network:<style> or a picture file',
  }),
  seed: wholeSetting([0, 2 ** 31 - 1], { default: 1, group: METHOD, describe: 'Seed of the noise' }),
  optimizer: ownSetting(checkMinimizer, { default: DEFAULT_LBFGS }),
  /** Keep pixels in [0, 255] while optimising; otherwise they are clipped at the end only. */
  clamp: switchSetting({ default: true, group: METHOD, describe: 'Keep pixels in [0, 255] throughout' }),
  /** Coarse to fine: sizes as shares of the whole, ascending to 1. */
  scales: ownSetting(checkScales, {
    default: [{ scale: 1, share: 1 }],
    isReadByCommand: true,
    group: METHOD,
    describe: 'Coarse to fine: 3 for a quarter, half, whole; or 0.5:2,1:1 with shares of the iterations',
  }),
  /** Iterations over all scales. */
  iterations: wholeSetting([0, 1e9], {
    default: 300,
    group: METHOD,
    describe: 'Iterations over all scales',
  }),
  /** Stop when an iteration (of 10, in the mean) lowers the total by less than this share of it; 0 never. */
  tolerance: numberSetting([0, 1], {
    default: 0,
    group: METHOD,
    describe: 'Stop when an iteration lowers the total by less than this share of it',
  }),
  /** Stop when no pixel's gradient is larger than this share of the first one's; 0 never. */
  gradientTolerance: numberSetting([0, 1], { default: 0 }),
  /** Seconds; 0 is no limit. */
  timeLimit: numberSetting([0, 1e9], {
    default: 0,
    group: METHOD,
    describe: 'Stop after this many seconds',
  }),
  /** Evaluations of the objective; 0 is no limit. */
  evaluationLimit: numberSetting([0, 1e9], { default: 0 }),
  /** Decay of a running average of the iterates, which is then the result; 0 takes the best iterate. */
  averaging: numberSetting([0, 0.999999], {
    default: 0,
    option: 'average',
    group: METHOD,
    describe: 'Decay of a running average that is the result; 0: the best iterate',
  }),
  /** A step that raises the total by this factor is undone and shortened. */
  spikeFactor: numberSetting([1, 1e30], { default: 10 }),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** The terms that the optimisation weighs, by the names of their weights; that of pixels is called `pixels`. */
export type WeighedTerm<Weight = keyof typeof OPTIMIZE_SETTINGS> = Weight extends 'pixelWeight'
  ? 'pixels'
  : Weight extends `${infer Term}Weight`
    ? Term
    : never;

/** @throws {ConfigError} not a list of scales, or one that does not ascend to 1. */
function checkScales(value: unknown): readonly ScaleConfig[] {
  const scales: readonly (Partial<ScaleConfig> | null)[] = Array.isArray(value) ? value : [];
  let before = 0;
  const ascends = scales.every((each) => {
    const { scale = 0, share = 0 } = each ?? {};
    const fits = scale > before && scale <= 1 && share > 0;
    before = scale;
    return fits;
  });
  if (ascends && before === 1) return value as readonly ScaleConfig[];
  throw new ConfigError(expected('scales that ascend to 1, each with a share above 0', value));
}
