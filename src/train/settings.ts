/** The settings of training, one row each: what they are, what they may be, what hangs on them. Loads nothing heavy. */
import { LOSS_UNITS, type LossUnitsName } from '../losses/loss-units.ts';
import { TERM_WEIGHTS, TRAIN_LOSS } from '../losses/term-table.ts';
import { HALF_WIDTH } from '../networks/architecture.ts';
import { layersSetting } from '../system/layer-setting.ts';
import {
  choiceSetting,
  numberSetting,
  ownSetting,
  textSetting,
  wholeSetting,
} from '../system/setting-kinds.ts';
import type { AboutSetting, Setting } from '../system/settings.ts';
import {
  changesText,
  checkStabilityChanges,
  DEFAULT_CHANGES,
  parseStabilityChanges,
  readStabilityWeight,
  USUAL_STABILITY,
} from './stability-setting.ts';
import { DEFAULT_STRENGTH } from './strength/strength-setting.ts';

/** What only settings of training say in their rows. */
export interface AboutTrainSetting<T> extends AboutSetting<T> {
  /** The style weight of a strength depends on it: where it changes, the weight is found again. */
  readonly decidesStrength?: true;
  /** A run's state or its order of photos depends on it: a resumed run cannot change it. */
  readonly isBound?: true;
  /** The value that published programs have, all the same, as one that does not know the setting: mostly what leaves it out (`recipes.ts`). */
  readonly off?: T;
  /** What runs had whose states were written before there was this setting, where that is not the default. */
  readonly before?: T;
}

/** The group of --help that comes first: what most trainings need. */
export const MOST_USED = 'Most used:';
export const NETWORK = 'Network:';
const DATA = 'Data:';
export const OPTIMISATION = 'Optimisation:';

/**
 * The only place where a default is written; docs/decisions.md says how each was found. The order is that of configurations in
 * files.
 */
export const TRAIN_SETTINGS = {
  /** Layers of the image transform net, as in `c9s1-16,d32,d64,R64x5,u32,u16,c9s1-3`. */
  architecture: textSetting({
    default: HALF_WIDTH,
    group: NETWORK,
    describe: 'Layers of the transform net',
    isBound: true,
  }),
  /** Name or file of the loss network's weights. The commands take `compact` where the default is not there. */
  lossNetwork: textSetting({
    default: 'vgg19',
    group: TRAIN_LOSS,
    describe: 'Name (weights list) or file of the loss network',
    defaultDescription: 'vgg19 if stored, else vgg16, else compact',
    isBound: true,
  }),
  /** Pooling of the loss network. */
  pooling: choiceSetting(['max', 'average'], {
    default: 'average',
    group: TRAIN_LOSS,
    describe: 'Pooling of the loss network',
    decidesStrength: true,
  }),
  /**
   * Strength of the style, 1 to 10, from which `styleWeight` comes (`strength.ts`); 0 where the weights were given
   * directly.
   */
  strength: numberSetting([0, 10], {
    default: 0,
    group: MOST_USED,
    describe: 'Strength of the style, 1 to 10: sets the style weight',
    defaultDescription: `${DEFAULT_STRENGTH} unless weights are given`,
    decidesStrength: true,
    off: 0,
  }),
  /** Units of content, style and total variation (docs/losses.md): shares, or those of a published program. */
  units: choiceSetting(Object.keys(LOSS_UNITS) as LossUnitsName[], {
    default: 'relative',
    group: TRAIN_LOSS,
    describe: 'Units of the losses (docs/losses.md)',
    // There were no others.
    before: 'relative',
  }),
  /** Weight of the relative content loss: share of the photo's feature energy that is lost, averaged over layers. */
  contentWeight: numberSetting([0, 1e20], {
    default: 1,
    group: TRAIN_LOSS,
    describe: 'Weight of the content loss (share of feature energy lost)',
    decidesStrength: true,
  }),
  /** Weight of the relative style loss: share of the painting's style statistic that is missed, averaged over layers. */
  styleWeight: numberSetting([0, 1e20], {
    default: 7,
    group: TRAIN_LOSS,
    describe: 'Weight of the style loss (share of the painting missed)',
  }),
  /** Weight of total variation: mean squared difference of neighbouring pixels in [0, 255]. */
  tvWeight: numberSetting([0, 1e20], {
    default: 2e-4,
    group: TRAIN_LOSS,
    describe: 'Weight of total variation (squared grey levels)',
  }),
  ...TERM_WEIGHTS,
  /** Weight of the stability term: share of a painting that does not follow small changes of the photo; 0 leaves it out. */
  stabilityWeight: numberSetting([0, 1e9], {
    default: 0,
    alias: 'stability',
    group: TRAIN_LOSS,
    describe: `Weight of steadiness in video; without a value, ${USUAL_STABILITY}`,
    read: readStabilityWeight,
    mayBeBare: true,
    off: 0,
  }),
  /** Share of the steps, from the first on, in which stability is not weighed yet (`schedule.ts`). */
  stabilityFrom: numberSetting([0, 1], {
    default: 0.5,
    group: TRAIN_LOSS,
    describe: 'Share of the steps before stability counts',
    // It could not begin later.
    before: 0,
  }),
  /** The largest changes that it has to follow; those left out are not made. */
  stabilityChanges: ownSetting(checkStabilityChanges, {
    default: DEFAULT_CHANGES,
    group: TRAIN_LOSS,
    describe: 'Changes that a painting has to follow, with their sizes',
    defaultDescription: changesText(DEFAULT_CHANGES),
    read: parseStabilityChanges,
  }),
  /** Layers whose feature maps the content loss compares, with their shares. */
  contentLayers: layersSetting({
    default: { relu4_2: 1 },
    group: TRAIN_LOSS,
    describe: 'Content layers, such as relu4_2 or relu3_3:0.5,relu4_2:0.5',
    decidesStrength: true,
  }),
  /** Layers whose Gram matrices the style loss compares, with their shares. */
  styleLayers: layersSetting({
    default: { relu1_1: 1, relu2_1: 1, relu3_1: 1, relu4_1: 1 },
    group: TRAIN_LOSS,
    describe: 'Style layers with their shares',
  }),
  /** What of the feature maps is the style: Gatys' Gram matrices, or covariance and mean apart. */
  styleStatistic: choiceSetting(['gram', 'moments'], {
    default: 'gram',
    group: TRAIN_LOSS,
    describe: "Style as Gatys' Gram matrices, or as covariance and mean",
  }),
  /** Longer side in pixels to which the painting is brought; larger means larger strokes. */
  styleSize: wholeSetting([32, 4096], {
    default: 768,
    group: MOST_USED,
    describe: 'Longer side of the painting in px; larger gives larger strokes',
    isBound: true,
  }),
  /** Side in pixels of the square crops of photos. */
  imageSize: wholeSetting([32, 2048], {
    default: 192,
    group: DATA,
    describe: 'Side of the photo crops in px',
  }),
  /** Share of the steps, from the first on, whose crops have half the side (`schedule.ts`). */
  smallCrops: numberSetting([0, 1], {
    default: 0,
    group: DATA,
    describe: 'Share of the first steps with crops of half the side',
    off: 0,
  }),
  /** Photos per step. */
  batch: wholeSetting([1, 256], { default: 1, group: OPTIMISATION, describe: 'Photos per step' }),
  /** Steps of training. */
  steps: wholeSetting([1, 1e9], { default: 2_000, group: OPTIMISATION, describe: 'Steps of training' }),
  /** Adam's step size at the start. */
  learningRate: numberSetting([1e-9, 1], {
    default: 1e-3,
    group: OPTIMISATION,
    describe: "Adam's learning rate",
  }),
  /** How the learning rate falls: not at all, along a half cosine to 1 % of it, or to a fifth for the last 30 % of steps. */
  decay: choiceSetting(['none', 'cosine', 'step'], {
    default: 'cosine',
    group: OPTIMISATION,
    describe: 'How the learning rate falls',
    off: 'none',
  }),
  /** Steps over which the learning rate rises from 0. */
  warmup: wholeSetting([0, 1e9], {
    default: 200,
    group: OPTIMISATION,
    describe: 'Steps over which the learning rate rises',
    off: 0,
  }),
  /** Decay of the running average of weights, which is what is shipped; 0 ships the last weights themselves. */
  averaging: numberSetting([0, 0.999999], {
    default: 0.998,
    group: OPTIMISATION,
    describe: 'Decay of the running average of weights; 0 for none',
    off: 0,
  }),
  /** Longest gradient that a step follows; longer ones are shortened to it (`clippedGradients`). 0 never shortens them. */
  clipNorm: numberSetting([0, 1e9], {
    default: 0,
    group: OPTIMISATION,
    describe: 'Largest norm of a gradient; 0 for no limit',
    off: 0,
  }),
  /** Seed of the first weights, the order of photos, their crops and flips. */
  seed: wholeSetting([0, 2 ** 31 - 1], {
    default: 1,
    group: OPTIMISATION,
    describe: 'Seed of weights, order, crops and flips',
    isBound: true,
  }),
} as const satisfies Readonly<Record<string, TrainSetting>>;

/** A row of any setting. */
export type TrainSetting = Setting<unknown> & AboutTrainSetting<unknown>;

type Name = keyof typeof TRAIN_SETTINGS;

/** The terms that training weighs, by the names of their weights. */
type WeighedTerm<Weight = Name> = Weight extends `${infer Term}Weight` ? Term : never;

/**
 * Loss terms of a training, unweighted but for the total. Those that not every training has, as stability, are there where they are
 * weighed. With the caller's own terms, theirs come after these.
 */
export type TrainingTerms = Readonly<Record<'total' | 'content' | 'style' | 'tv', number>> &
  Readonly<Partial<Record<WeighedTerm, number>>>;

const rows = Object.entries(TRAIN_SETTINGS) as [Name, TrainSetting][];

/** Settings on which the style weight of a strength depends, besides the loss network, which a run keeps. */
export const DECIDING_STRENGTH = rows.flatMap(([name, { decidesStrength }]) =>
  decidesStrength ? [name] : [],
);

/** Settings that a resumed run cannot change. */
export const BOUND = rows.flatMap(([name, { isBound }]) => (isBound ? [name] : []));

/** The settings that can be left out, left out. */
export const LEFT_OUT = Object.fromEntries(
  rows.flatMap(([name, { off }]) => (off === undefined ? [] : [[name, off]])),
) as {
  readonly [K in Name as (typeof TRAIN_SETTINGS)[K] extends { readonly off: unknown }
    ? K
    : never]: (typeof TRAIN_SETTINGS)[K] extends { readonly off: infer Off } ? Off : never;
};

/** What a run had whose state does not name the setting. */
export const BEFORE: Readonly<Record<string, unknown>> = Object.fromEntries(
  rows.flatMap(([name, { before }]) => (before === undefined ? [] : [[name, before]])),
);
