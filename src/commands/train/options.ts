import type { Options } from 'yargs';
import { LOSS_UNITS } from '../../losses/loss-units.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { DEFAULT_TRAIN_CONFIG, parseLayerWeights, type TrainConfig } from '../../train/config.ts';
import { changesText, parseStabilityChanges, USUAL_STABILITY } from '../../train/stability-setting.ts';

const { contentLayers, styleLayers, stabilityChanges, ...plain } = DEFAULT_TRAIN_CONFIG;
const layersText = (layers: Readonly<Record<string, number>>) =>
  Object.entries(layers)
    .map(([layer, weight]) => `${layer}:${weight}`)
    .join(',');
const shown = (name: keyof typeof plain) => ({ defaultDescription: String(plain[name]) });

/** The group of --help that comes first: what most trainings need. */
export const MOST_USED = 'Most used:';

/**
 * One command-line option for every setting of training: a setting without one does not compile. No option has a
 * default of its own, so that a configuration file and a resumed run can tell what was given.
 */
const trainConfigOptions = {
  architecture: {
    type: 'string',
    group: 'Network:',
    describe: 'Layers of the transform net',
    ...shown('architecture'),
  },
  lossNetwork: {
    type: 'string',
    group: 'Loss:',
    describe: 'Name (weights list) or file of the loss network',
    defaultDescription: 'vgg19 where it is there, else vgg16, else compact',
  },
  pooling: {
    choices: ['max', 'average'],
    group: 'Loss:',
    describe: 'Pooling of the loss network',
    ...shown('pooling'),
  },
  strength: {
    type: 'number',
    group: MOST_USED,
    describe: 'Strength of the style, 1 to 10: sets the style weight',
    defaultDescription: '5 unless weights are given',
  },
  units: {
    choices: Object.keys(LOSS_UNITS),
    group: 'Loss:',
    describe: 'Units of content, style and total variation (docs/losses.md): shares, or published ones',
    ...shown('units'),
  },
  contentWeight: {
    type: 'number',
    group: 'Loss:',
    describe: 'Weight of the content loss (share of feature energy lost)',
    ...shown('contentWeight'),
  },
  styleWeight: {
    type: 'number',
    group: 'Loss:',
    describe: 'Weight of the style loss (share of the painting missed)',
    ...shown('styleWeight'),
  },
  tvWeight: {
    type: 'number',
    group: 'Loss:',
    describe: 'Weight of total variation (squared grey levels)',
    ...shown('tvWeight'),
  },
  latticeWeight: {
    type: 'number',
    group: 'Loss:',
    describe: 'Weight of what repeats every 4 px in step with the grid (squared grey levels)',
    ...shown('latticeWeight'),
  },
  stabilityWeight: {
    // A text, as it may be given without a number.
    type: 'string',
    alias: 'stability',
    group: 'Loss:',
    describe: `Steadiness in video: weight of the share that does not follow small changes; alone, ${USUAL_STABILITY}`,
    ...shown('stabilityWeight'),
  },
  stabilityFrom: {
    type: 'number',
    group: 'Loss:',
    describe: 'Share of the steps, from the first on, before stability is weighed',
    ...shown('stabilityFrom'),
  },
  stabilityChanges: {
    type: 'string',
    group: 'Loss:',
    describe: 'Which changes a painting has to follow, and how large ones',
    defaultDescription: changesText(stabilityChanges),
  },
  contentLayers: {
    type: 'string',
    group: 'Loss:',
    describe: 'Content layers, as relu4_2 or relu3_3:0.5,relu4_2:0.5',
    defaultDescription: layersText(contentLayers),
  },
  styleLayers: {
    type: 'string',
    group: 'Loss:',
    describe: 'Style layers with their shares',
    defaultDescription: layersText(styleLayers),
  },
  styleStatistic: {
    choices: ['gram', 'moments'],
    group: 'Loss:',
    describe: "Style as Gatys' Gram matrices, or covariance and mean apart",
    ...shown('styleStatistic'),
  },
  styleSize: {
    type: 'number',
    group: MOST_USED,
    describe: 'Longer side of the painting in px; larger gives larger strokes',
    ...shown('styleSize'),
  },
  imageSize: {
    type: 'number',
    group: 'Data:',
    describe: 'Side of the photo crops in px',
    ...shown('imageSize'),
  },
  smallCrops: {
    type: 'number',
    group: 'Data:',
    describe: 'Share of the steps, from the first on, whose crops have half the side: quicker',
    ...shown('smallCrops'),
  },
  batch: { type: 'number', group: 'Optimisation:', describe: 'Photos per step', ...shown('batch') },
  steps: { type: 'number', group: 'Optimisation:', describe: 'Steps of training', ...shown('steps') },
  learningRate: {
    type: 'number',
    group: 'Optimisation:',
    describe: "Adam's learning rate",
    ...shown('learningRate'),
  },
  decay: {
    choices: ['none', 'cosine', 'step'],
    group: 'Optimisation:',
    describe: 'How the learning rate falls',
    ...shown('decay'),
  },
  warmup: {
    type: 'number',
    group: 'Optimisation:',
    describe: 'Steps over which the learning rate rises',
    ...shown('warmup'),
  },
  averaging: {
    type: 'number',
    group: 'Optimisation:',
    describe: 'Decay of the running average of weights; 0 for none',
    ...shown('averaging'),
  },
  clipNorm: {
    type: 'number',
    group: 'Optimisation:',
    describe: 'Longest gradient that a step follows; 0 for any',
    ...shown('clipNorm'),
  },
  seed: {
    type: 'number',
    group: 'Optimisation:',
    describe: 'Seed of weights, order, crops and flips',
    ...shown('seed'),
  },
} as const satisfies { readonly [K in keyof TrainConfig]: Options };

const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The same under the names that are typed: `--style-weight` for `styleWeight`. */
export const trainConfigFlags: Readonly<Record<string, Options>> = Object.fromEntries(
  Object.entries(trainConfigOptions).map(([key, option]) => [kebab(key), option]),
);

/** What the user said, as configuration values: options over the configuration file. */
export function givenConfig(
  args: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given: Record<string, unknown> = { ...file };
  for (const key of Object.keys(trainConfigOptions)) {
    const value = args[key];
    if (value === undefined) continue;
    if (Array.isArray(value))
      throw new ConfigError(expected(`--${kebab(key)} once`, `${value.length} times`));
    given[key] = READERS[key]?.(String(value)) ?? value;
  }
  return given;
}

/** Settings that are typed otherwise than they stand in a configuration file. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  contentLayers: (text) => parseLayerWeights(text, '--content-layers'),
  styleLayers: (text) => parseLayerWeights(text, '--style-layers'),
  stabilityChanges: parseStabilityChanges,
  stabilityWeight: (text) => {
    if (text.trim() === '') return USUAL_STABILITY;
    const weight = Number(text);
    return Number.isNaN(weight) ? text : weight;
  },
};
