import type { InferredOptionTypes, Options } from 'yargs';

const PICTURES = 'Pictures:';
const LOSS = 'Losses:';
const METHOD = 'Optimisation:';
const OUTPUT = 'Output:';
const ENGINE = 'Engine:';

/** Options of `fast-style optimize` by their names in code. None has a default of its own: the recipe has them. */
export const optimizeOptions = {
  content: { type: 'string', group: PICTURES, describe: 'The photo; not needed for style alone' },
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
    describe: 'Picture to write; its extension is the format',
  },
  size: {
    type: 'number',
    group: PICTURES,
    describe: "Longer side of the result in px; 0 for the photo's own",
    defaultDescription: "the recipe's, or 512",
  },
  styleScale: {
    type: 'number',
    group: PICTURES,
    describe: "Longer side of the paintings as a multiple of the photo's; larger gives larger strokes",
  },
  styleFit: {
    choices: ['aspect', 'stretch'],
    group: PICTURES,
    describe: "Paintings keep their shape, or take the photo's",
  },
  contentMask: {
    type: 'string',
    group: PICTURES,
    describe: 'Grey picture over the photo: white where its content is kept',
  },
  mask: {
    type: 'string',
    array: true,
    group: PICTURES,
    describe:
      'Grey picture over the photo for each painting in turn: white where its style goes; - for all over',
  },
  styleMask: {
    type: 'string',
    array: true,
    group: PICTURES,
    describe: 'Grey picture over each painting: white where its style is taken from; - for all of it',
  },
  colors: {
    choices: ['style', 'photo-luminance', 'histogram'],
    group: PICTURES,
    describe:
      "Colours: the painting's, the photo's (luminance alone changes), or the painting's matched to the photo's",
  },

  recipe: {
    choices: ['default', 'pytorch', 'slim', 'coursera', 'keras'],
    group: METHOD,
    describe: 'Ours, or a published one to the letter; other options change it',
    defaultDescription: 'default',
  },
  warmUp: {
    type: 'string',
    group: METHOD,
    conflicts: 'recipe',
    describe:
      'A part of the method by itself: copy, content:<layer>, style:<layer>,… or style:<number of layers>',
  },
  method: { choices: ['lbfgs', 'adam'], group: METHOD, describe: 'Minimiser' },
  lineSearch: {
    choices: ['strong-wolfe', 'none'],
    group: METHOD,
    describe:
      "L-BFGS's steps: searched until they descend, or the fixed ones of torch's and Johnson's (one evaluation each)",
  },
  lr: { type: 'number', group: METHOD, describe: "Adam's step in grey levels" },
  decay: {
    type: 'string',
    group: METHOD,
    describe: 'How it falls: constant, exponential:<rate>:<steps> or staircase:<rate>:<steps>',
  },
  start: {
    type: 'string',
    group: METHOD,
    describe: 'content, style, grey, noise, normal[:64], blend[:0.5], network:<style> or a picture file',
  },
  seed: { type: 'number', group: METHOD, describe: 'Seed of the noise' },
  iterations: { type: 'number', group: METHOD, describe: 'Iterations over all scales' },
  tolerance: {
    type: 'number',
    group: METHOD,
    describe: 'Stop when an iteration lowers the total by less than this share of it',
  },
  timeLimit: { type: 'number', group: METHOD, describe: 'Stop after this many seconds' },
  clamp: { type: 'boolean', group: METHOD, describe: 'Keep pixels in [0, 255] on the way' },
  free: { type: 'boolean', group: METHOD, describe: 'Let pixels leave it until the end' },
  scales: {
    type: 'string',
    group: METHOD,
    describe: 'Coarse to fine: 3 for a quarter, half, whole; or 0.5:2,1:1 with shares of the iterations',
  },
  average: {
    type: 'number',
    group: METHOD,
    describe: 'The result is a running average of the iterates with this decay; 0 for the best iterate',
  },

  units: {
    choices: ['relative', 'gatys', 'pytorch', 'slim', 'coursera', 'keras'],
    group: LOSS,
    describe:
      'Units of content and style loss (docs/losses.md); bring their published layers and weights along',
  },
  statistic: {
    choices: ['moments', 'gram'],
    group: LOSS,
    describe: "Style as covariance and mean, or as Gatys' Gram matrices",
  },
  contentWeight: { alias: 'alpha', type: 'number', group: LOSS, describe: 'Weight of the content loss' },
  styleWeight: { alias: 'beta', type: 'number', group: LOSS, describe: 'Weight of the style loss' },
  contentLayers: {
    type: 'string',
    group: LOSS,
    describe: 'Content layers, as relu4_2 or relu3_2=0.2,relu4_2=0.8',
  },
  styleLayers: { type: 'string', group: LOSS, describe: 'Style layers with weights' },
  tv: { type: 'string', group: LOSS, describe: "Weight of total variation; 0.2:power for Keras' form" },
  pooling: { choices: ['max', 'average'], group: LOSS, describe: 'Pooling of the loss network' },
  lossNetwork: {
    type: 'string',
    defaultDescription: 'vgg19 where it is there, else vgg16, else compact',
    group: LOSS,
    describe: 'Name (weights list) or file of the loss network',
  },

  snapshots: { type: 'number', group: OUTPUT, describe: 'Write the picture every so many iterations' },
  snapshotFolder: {
    type: 'string',
    group: OUTPUT,
    describe: 'Where to',
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
    describe: 'Iterations from frame to frame',
    defaultDescription: 'so that there are at most 150 frames',
  },
  plot: { type: 'string', group: OUTPUT, describe: 'The loss terms over the iterations, .svg or a picture' },
  trace: { type: 'string', group: OUTPUT, describe: 'Every iteration, the settings and the result as .json' },
  quality: { type: 'number', group: OUTPUT, describe: 'Quality of JPEG, WebP and AVIF, 1 to 100' },
  overwrite: { type: 'boolean', default: false, group: OUTPUT, describe: 'Replace files that are there' },

  precision: {
    choices: ['auto', 'f32', 'bf16'],
    default: 'f32',
    group: ENGINE,
    describe: 'Arithmetic of the loss network; auto measures what this machine is fast in',
  },
} as const satisfies Readonly<Record<string, Options>>;

/** What was given, by the names above; absent where it was not. */
export type OptimizeSettings = {
  readonly [K in keyof InferredOptionTypes<typeof optimizeOptions>]?:
    | InferredOptionTypes<typeof optimizeOptions>[K]
    | undefined;
};

const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The same under the names that are typed: `--style-weight` for `styleWeight`. */
export const optimizeFlags: Readonly<Record<string, Options>> = Object.fromEntries(
  Object.entries(optimizeOptions).map(([key, option]) => [kebab(key), option]),
);
