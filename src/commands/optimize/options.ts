/** Options of `fast-style optimize`: its settings, and what is about this call. */
import { basename } from 'node:path';
import type { Options } from 'yargs';
import { ADAM_SETTINGS, LBFGS_SETTINGS, METHOD } from '../../optimize/minimizer-settings.ts';
import type { OptimizeCall } from '../../optimize/run/call.ts';
import { parseWeightedPath } from '../../optimize/run/values.ts';
import { LOSS, OPTIMIZE_SETTINGS, PICTURES } from '../../optimize/settings.ts';
import { optionName } from '../../system/settings.ts';
import { settingOptions } from '../shared/setting-options.ts';

const OUTPUT = 'Output:';
const ENGINE = 'Engine:';

type OwnOptions = Readonly<Record<string, Options>>;

const pictures = {
  content: {
    type: 'string',
    group: PICTURES,
    describe: 'The photo; not needed for a texture of the style alone',
  },
  style: {
    type: 'string',
    array: true,
    group: PICTURES,
    describe: 'The painting; several with weights: wave.jpg:0.7 night.jpg:0.3',
  },
  out: {
    alias: 'o',
    type: 'string',
    demandOption: true,
    group: PICTURES,
    describe: 'Picture to write, in the format of its extension',
  },
  size: {
    type: 'number',
    group: PICTURES,
    describe: "Longer side of the result in px; 0 for the photo's own",
    defaultDescription: "the recipe's, or 512",
  },
} as const satisfies OwnOptions;

const masks = {
  contentMask: {
    type: 'string',
    group: PICTURES,
    describe: 'Grey picture over the photo: white keeps its content',
  },
  mask: {
    type: 'string',
    array: true,
    group: PICTURES,
    describe: 'Grey picture over the photo for each painting in turn: white gets its style; - for everywhere',
  },
  styleMask: {
    type: 'string',
    array: true,
    group: PICTURES,
    describe: 'Grey picture over each painting: white gives its style; - for all of it',
  },
} as const satisfies OwnOptions;

const method = {
  recipe: {
    choices: ['default', 'pytorch', 'slim', 'coursera', 'keras'],
    group: METHOD,
    describe: 'Ours, or a published one; other options override it',
    defaultDescription: 'default',
  },
  warmUp: {
    type: 'string',
    group: METHOD,
    conflicts: 'recipe',
    describe: 'One part of the method: copy, content:<layer>, style:<layer>,… or style:<number of layers>',
  },
  method: { choices: ['lbfgs', 'adam'], group: METHOD, describe: 'Minimiser' },
} as const satisfies OwnOptions;

const bounds = {
  free: { type: 'boolean', group: METHOD, describe: 'Let pixels leave [0, 255] until the end' },
} as const satisfies OwnOptions;

const output = {
  lossNetwork: {
    type: 'string',
    defaultDescription: 'vgg19 if stored, else vgg16, else compact',
    group: LOSS,
    describe: 'Name (weights list) or file of the loss network',
  },

  snapshots: { type: 'number', group: OUTPUT, describe: 'Write the picture every N iterations' },
  snapshotFolder: {
    type: 'string',
    group: OUTPUT,
    describe: 'Folder for snapshots',
    defaultDescription: '<out>-snapshots',
  },
  film: {
    type: 'string',
    group: OUTPUT,
    describe: 'The run as .mp4 (needs ffmpeg) or .gif (at most 480 px)',
  },
  filmEvery: {
    type: 'number',
    group: OUTPUT,
    describe: 'Iterations per frame',
    defaultDescription: 'at most 150 frames in all',
  },
  plot: { type: 'string', group: OUTPUT, describe: 'The loss terms over the iterations, .svg or a picture' },
  trace: { type: 'string', group: OUTPUT, describe: 'Every iteration, the settings and the result as .json' },
  quality: { type: 'number', group: OUTPUT, describe: 'Quality of JPEG, WebP and AVIF, 1 to 100' },
  overwrite: { type: 'boolean', default: false, group: OUTPUT, describe: 'Replace existing files' },

  precision: {
    choices: ['auto', 'f32', 'bf16'],
    default: 'f32',
    group: ENGINE,
    describe: 'Arithmetic of the loss network; auto measures which is faster',
  },
} as const satisfies OwnOptions;

/** What was typed; absent where it was not. */
export interface OptimizeSettings extends Omit<OptimizeCall, TypedPictures> {
  readonly content?: string | undefined;
  readonly style?: readonly string[] | undefined;
  readonly contentMask?: string | undefined;
  readonly mask?: readonly string[] | undefined;
  readonly styleMask?: readonly string[] | undefined;
  readonly start?: string | undefined;
}

type TypedPictures = 'content' | 'style' | 'contentMask' | 'mask' | 'styleMask' | 'start';

/** A mask's place is kept by a dash. */
const NO_MASK = '-';

/** What was typed, as whatever optimises takes it. */
export function optimizeCall({ style, mask, styleMask, ...typed }: OptimizeSettings): OptimizeCall {
  const masks = (paths: readonly string[] | undefined) =>
    paths?.map((path) => (path === NO_MASK ? undefined : path));
  return {
    ...typed,
    style: style?.map((text) => {
      const { path, weight } = parseWeightedPath(text);
      return { picture: path, weight, name: basename(text) };
    }),
    ...{ mask: masks(mask), styleMask: masks(styleMask) },
  };
}

const settings = settingOptions({ ...LBFGS_SETTINGS, ...ADAM_SETTINGS, ...OPTIMIZE_SETTINGS });

const flags = (options: OwnOptions): OwnOptions =>
  Object.fromEntries(Object.entries(options).map(([name, option]) => [optionName(name), option]));

const placed = (...names: readonly string[]): OwnOptions =>
  Object.fromEntries(names.map((name) => [name, settings[name]!]));

/**
 * All by the names that are typed. The order is that of --help; settings that have no place in it come last in their group.
 * None but switches and precision has a default of its own: the recipe has them.
 */
export const optimizeFlags: OwnOptions = {
  ...flags(pictures),
  ...placed('style-scale', 'style-fit'),
  ...flags(masks),
  ...placed('colors'),
  ...flags(method),
  ...placed('line-search', 'lr', 'decay', 'start', 'seed', 'iterations', 'tolerance', 'time-limit', 'clamp'),
  ...flags(bounds),
  ...settings,
  ...flags(output),
};
