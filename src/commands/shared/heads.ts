/**
 * What --help says of each command, in its order, with no need to load any: the words that call it with its operands, and what it does.
 */
export const HEADS = {
  setup: {
    command: 'setup',
    describe: 'Set up TensorFlow (once; returns at once when it is ready)',
  },
  doctor: {
    command: 'doctor',
    describe: 'Check this machine and the set-up, and name the command that fixes each fault',
  },
  dataset: {
    command: 'dataset',
    describe: 'Build a data set from photos, generate one, or inspect one',
  },
  weights: {
    command: 'weights <action>',
    describe: 'Fetch, import or list weights of loss networks',
  },
  calibrate: {
    command: 'calibrate',
    describe: 'Compare strengths and stroke sizes of a painting before training',
  },
  train: {
    command: 'train',
    describe: 'Train networks that paint in the style of paintings',
  },
  report: {
    command: 'report <run>',
    describe: "Write a training run's report again",
  },
  stylize: {
    command: 'stylize [photo..]',
    describe: 'Paint photos in a trained style, each in one forward pass',
  },
  video: {
    command: 'video <video>',
    describe: 'Paint a video frame by frame, keeping sound and timing; continues after an interruption',
  },
  styles: {
    command: 'styles',
    describe:
      'List the available styles, show them on a sheet, inspect one, check it for faults or import one',
  },
  export: {
    command: 'export [style..]',
    describe: 'Write styles in formats of other programs, phones and browsers',
  },
  studio: {
    command: 'studio',
    describe: 'Paint, film and train on a page in the browser',
  },
  farm: {
    command: 'farm',
    describe: 'Share work among machines: workers and jobs on a queue in Redis',
  },
  flicker: {
    command: 'flicker <video>',
    describe: 'Measure how much a style, or a painted video, flickers',
  },
  optimize: {
    command: 'optimize',
    describe: "Optimise one picture for a photo's content and a painting's style (Gatys et al. 2016)",
  },
  compare: {
    command: 'compare',
    describe: 'Count how many iterations of the optimisation a trained style is worth (Johnson et al. 2016)',
  },
} as const;

export type CommandName = keyof typeof HEADS;
