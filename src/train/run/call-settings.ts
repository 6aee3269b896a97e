/** Options of a training besides its settings, as a table. Loads nothing heavy. */
import { ConfigError, expected } from '../../system/errors.ts';
import {
  checkSettings,
  choiceSetting,
  numberSetting,
  ownSetting,
  switchSetting,
  textSetting,
} from '../../system/settings.ts';
import { QUALITIES } from '../config.ts';
import { TRAIN_RECIPES } from '../recipes.ts';
import { TRAIN_SETTINGS } from '../settings.ts';
import { KEPT_STATES } from './run-folder.ts';

/** Defaults. */
export const CALL_DEFAULTS = {
  together: false,
  out: 'checkpoints',
  previewEvery: 500,
  checkpointEvery: 500,
  saveMinutes: 10,
  keep: KEPT_STATES,
  plan: false,
  ignorePlan: false,
  precision: 'auto',
  engine: 'compiled',
  accumulate: 1,
  resume: false,
  overwrite: false,
} as const;

const flag = switchSetting({ default: false });
const text = textSetting({ default: '' });
// Their bounds are checked where they are used (`checkNumbers`), for command line and library alike.
const number = numberSetting([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], { default: 0 });
/** Whatever pictures come as: they are checked where they are read. */
const pictures = ownSetting(
  (value, name): readonly unknown[] => {
    if (Array.isArray(value) && value.length > 0) return value;
    throw new ConfigError(expected(`a list of pictures for ${name}`, value));
  },
  { default: [] },
);
const texts = ownSetting(
  (value, name): readonly string[] => {
    if (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((one) => typeof one === 'string' && one !== '')
    )
      return value;
    throw new ConfigError(expected(`a list of texts for ${name}`, value));
  },
  { default: [] },
);

const CALL_SETTINGS = {
  ...{ together: flag, tensorboard: flag, ignorePlan: flag, resume: flag, overwrite: flag },
  ...{ addTo: text, data: text, name: text, out: text, run: text, config: text, from: text },
  ...{ title: text, author: text, licence: text, styleName: texts, previewPhoto: pictures },
  ...{ epochs: number, previewEvery: number, checkpointEvery: number, saveMinutes: number },
  ...{ keep: number, accumulate: number, margin: number },
  quality: choiceSetting(Object.keys(QUALITIES), { default: 'good' }),
  recipe: choiceSetting(Object.keys(TRAIN_RECIPES), { default: '' }),
  precision: choiceSetting(['auto', 'f32', 'bf16'], { default: 'auto' }),
  engine: choiceSetting(['compiled', 'eager'], { default: 'compiled' }),
};

/** Names of all options but the painting. */
export const CALL_NAMES: readonly string[] = Object.keys({ ...CALL_SETTINGS, ...TRAIN_SETTINGS });

/**
 * Checks what no parser of a command line has seen to.
 *
 * @param known options besides settings. All unless given.
 * @throws {ConfigError} an unknown name, a value of another kind, or two that exclude each other.
 */
export function checkCall(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[] = Object.keys(CALL_SETTINGS),
): void {
  const asked = Object.fromEntries(Object.entries(CALL_SETTINGS).filter(([name]) => known.includes(name)));
  checkSettings({ ...asked, ...TRAIN_SETTINGS }, given, 'training');
  for (const [one, other] of [
    ['quality', 'recipe'],
    ['epochs', 'steps'],
  ] as const)
    if (given[one] !== undefined && given[other] !== undefined)
      throw new ConfigError(expected(`${one} or ${other}`, 'both', 'omit one of them'));
}
