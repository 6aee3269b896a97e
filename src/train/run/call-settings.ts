/** Options of a training besides its settings, as rows. Loads nothing heavy. */
import { WIDEST_MARGIN } from '../../networks/margin.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import {
  choiceSetting,
  positiveSetting,
  switchSetting,
  textSetting,
  textsSetting,
  wholeSetting,
} from '../../system/setting-kinds.ts';
import { checkSettings, type SettingsTable } from '../../system/settings.ts';
import { QUALITIES, type Quality } from '../config.ts';
import { TRAIN_RECIPES, type TrainRecipeName } from '../recipes.ts';
import { MOST_USED, NETWORK, OPTIMISATION, TRAIN_SETTINGS } from '../settings.ts';
import { KEPT_STATES } from './run-folder.ts';

const OUTPUT = 'Output:';
const ENGINE = 'Engine:';
const ANY = Number.POSITIVE_INFINITY;

/** The options of `fast-style train` but for its settings; the order is that of --help within a group. */
export const TRAIN_CALL = {
  style: textsSetting({
    default: undefined,
    required: 'a painting',
    group: MOST_USED,
    describe: 'The painting; several are trained one after the other',
  }),
  /** Folder of the data set. Synthetic pictures, made at first use, unless given. */
  data: textSetting({
    default: undefined,
    group: MOST_USED,
    describe: 'Data set of photos (dataset build)',
    defaultDescription: 'synthetic pictures, made at first use',
  }),
  /** Name of the checkpoint; the painting's file name unless given. */
  name: textSetting({
    default: undefined,
    group: MOST_USED,
    describe: "Name of the checkpoint; the painting's file name unless given",
  }),
  quality: choiceSetting(Object.keys(QUALITIES) as Quality[], {
    default: undefined,
    excludes: 'recipe',
    group: MOST_USED,
    describe: 'How long to train: minutes, a break, a night; options override it',
    defaultDescription: 'good',
  }),
  /** Go on exactly where the run stopped. */
  resume: switchSetting({
    default: false,
    group: MOST_USED,
    describe: 'Continue exactly where the run in --run stopped',
  }),
  plan: switchSetting({
    default: false,
    group: MOST_USED,
    describe: 'Print what memory, time and disk the run would take, and stop',
  }),
  /** All paintings in one network. */
  together: switchSetting({
    default: false,
    group: NETWORK,
    describe: 'Train all paintings in one network; its styles can be mixed',
  }),
  /** File of a network to which the painting is added. */
  addTo: textSetting({
    default: undefined,
    group: NETWORK,
    describe: 'Add the painting to the network in this file',
  }),
  styleName: textsSetting({
    default: undefined,
    group: OUTPUT,
    describe: 'Names of the styles, one for each painting',
    defaultDescription: "the paintings' file names",
  }),
  /** Folder for <name>.safetensors. Defaults to `checkpoints`. */
  out: textSetting({ default: 'checkpoints', group: OUTPUT, describe: 'Folder for <name>.safetensors' }),
  /** Folder for state, report, previews and log. Defaults to `runs/<name>`. */
  run: textSetting({
    default: undefined,
    group: OUTPUT,
    describe: 'Folder of the run; with several paintings, the parent of their folders',
    defaultDescription: 'runs/<name>',
  }),
  /** JSON file with settings; what is given in the call wins. */
  config: textSetting({
    default: undefined,
    describe: 'JSON file of settings by these names in camelCase; options override it',
  }),
  /** A published program's settings in place of ours. */
  recipe: choiceSetting(Object.keys(TRAIN_RECIPES) as TrainRecipeName[], {
    default: undefined,
    group: OPTIMISATION,
    describe: "A published program's settings and units (docs/training.md); options override them",
  }),
  /** The style whose weights it starts from, a name or file; `none` draws them. */
  from: textSetting({
    default: undefined,
    group: OPTIMISATION,
    describe: 'Style to start from, a name or file; --architecture may be wider. none: random weights',
    defaultDescription: 'great-wave, if --architecture allows',
  }),
  /** Times through the data set, instead of `steps`. */
  epochs: positiveSetting({
    default: undefined,
    excludes: 'steps',
    group: OPTIMISATION,
    describe: 'Passes through the data set, instead of --steps',
  }),
  previewEvery: wholeSetting([0, ANY], {
    default: 500,
    group: OUTPUT,
    describe: 'Steps between previews; 0 for none',
  }),
  previewPhoto: textsSetting({
    default: undefined,
    group: OUTPUT,
    describe: 'Photos to preview',
    defaultDescription: "the project's sample",
  }),
  checkpointEvery: wholeSetting([1, ANY], {
    default: 500,
    group: OUTPUT,
    describe: 'Steps between saved states and checkpoints',
  }),
  saveMinutes: positiveSetting({
    default: 10,
    group: OUTPUT,
    describe: 'Longest time between saved states and checkpoints, in minutes',
  }),
  keep: wholeSetting([1, ANY], {
    default: KEPT_STATES,
    group: OUTPUT,
    describe: 'Saved states to keep; older ones are removed',
  }),
  tensorboard: switchSetting({
    default: false,
    group: OUTPUT,
    describe: 'Write event files for TensorBoard; `report --tensorboard` writes them later',
  }),
  ignorePlan: switchSetting({ default: false, describe: 'Start even if memory or disk seem too small' }),
  precision: choiceSetting(['auto', 'f32', 'bf16'], {
    default: 'auto',
    group: ENGINE,
    describe: 'Arithmetic; auto measures which is faster',
  }),
  engine: choiceSetting(['compiled', 'eager'], {
    default: 'compiled',
    group: ENGINE,
    describe: 'eager runs op by op, for debugging',
  }),
  /** Computes each batch in this many parts, in the memory of one. */
  accumulate: wholeSetting([1, ANY], {
    default: 1,
    group: ENGINE,
    describe: 'Compute each batch in this many parts, in the memory of one',
  }),
  /** Start afresh over an earlier run or checkpoint. */
  overwrite: switchSetting({
    default: false,
    describe: 'Replace an earlier run or checkpoint of this name',
  }),
  margin: wholeSetting([0, WIDEST_MARGIN], {
    default: undefined,
    group: OUTPUT,
    describe: 'Width of the mirrored margin around photos, px (see styles check)',
    defaultDescription: 'none',
  }),
  title: textSetting({
    default: undefined,
    group: OUTPUT,
    describe: "The painting's title, stored in the checkpoint",
  }),
  author: textSetting({ default: undefined, group: OUTPUT, describe: 'Who painted it' }),
  licence: textSetting({
    default: undefined,
    group: OUTPUT,
    describe: "The painting's licence, for instance 'public domain'",
  }),
} as const satisfies SettingsTable;

/**
 * Checks what no parser of a command line has seen to.
 *
 * @param given options and settings. @param rows of the options.
 * @throws {ConfigError} an unknown name, a value of another kind, or two that exclude each other.
 */
export function checkTrainCall(given: Readonly<Record<string, unknown>>, rows: SettingsTable): void {
  checkSettings({ ...rows, ...TRAIN_SETTINGS }, given, 'training');
  for (const [name, { excludes }] of Object.entries(rows))
    if (excludes !== undefined && given[name] !== undefined && given[excludes] !== undefined)
      throw new ConfigError(expected(`${name} or ${excludes}`, 'both', 'omit one of them'));
}
