/** The options of `Stylizer`, by their rows. Loads nothing heavy. */
import { ABILITIES, type PhotoFormat } from '../data/picture-format.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { choiceSetting, ownSetting, type SettingsTable, wholeSetting } from '../system/settings.ts';
import { checkOptions, flag, givenOf, number, text, textsSetting, unchecked } from './option-rows.ts';
import type { EncodeOptions, LoadOptions, RgbaOptions, StylizeOptions } from './options.ts';
import type { IntoFilesOptions } from './stylize-files.ts';

type Rows<Options> = Record<keyof Options, SettingsTable[string]>;

const LOAD = {
  precision: choiceSetting(['auto', 'f32', 'bf16'], { default: 'auto' }),
  memory: ownSetting(
    (value, name): number => {
      if (typeof value === 'number' && value > 0) return value;
      throw new ConfigError(expected(`a number of bytes for ${name}`, value));
    },
    { default: 0 },
  ),
  thread: flag,
} satisfies Rows<LoadOptions>;

const LOOK = {
  ...{ stroke: number, amount: number, mask: unchecked, invertMask: flag },
  ...{ maxPixels: number, signal: unchecked, rgba: flag },
  colors: choiceSetting(['style', 'photo', 'histogram'], { default: 'style' }),
  damaged: choiceSetting(['refuse', 'accept'], { default: 'refuse' }),
} satisfies Rows<RgbaOptions>;

const FILE = {
  ...{ lossless: flag, strip: flag, background: unchecked, onNote: unchecked },
  format: choiceSetting(Object.keys(ABILITIES) as PhotoFormat[], { default: 'png' }),
  quality: wholeSetting([1, 100], { default: 92 }),
  depth: ownSetting(
    (value, name): 8 | 16 => {
      if (value === 8 || value === 16) return value;
      throw new ConfigError(expected(`8 or 16 for ${name}`, value));
    },
    { default: 8 },
  ),
  profile: choiceSetting(['srgb', 'keep'], { default: 'srgb' }),
} satisfies Rows<Omit<EncodeOptions, keyof StylizeOptions>>;

/** Options of painting photos into files: how styles are loaded, how photos are painted, and how they are written. */
export const INTO_FILES = {
  ...{ precision: LOAD.precision, memory: LOAD.memory },
  ...{ stroke: LOOK.stroke, amount: LOOK.amount, mask: LOOK.mask, invertMask: LOOK.invertMask },
  ...{ colors: LOOK.colors, maxPixels: LOOK.maxPixels, damaged: LOOK.damaged },
  ...{ lossless: FILE.lossless, strip: FILE.strip, background: FILE.background, profile: FILE.profile },
  ...{ format: FILE.format, quality: FILE.quality, depth: FILE.depth },
  ...{ style: textsSetting, blend: text, out: text, overwrite: flag },
  tiles: choiceSetting(['auto', 'off', 'exact', 'fast'], { default: 'auto' }),
} satisfies Rows<IntoFilesOptions>;

/** @throws {ConfigError} an unknown or invalid option of `Stylizer.load`. */
export function checkLoadOptions(options: LoadOptions): void {
  checkOptions(LOAD, options, 'Stylizer.load');
}

/** @throws {ConfigError} an unknown or invalid option of `stylize`, or one of files where the result is pixels. */
export function checkStylizeOptions(options: StylizeOptions | RgbaOptions | EncodeOptions): void {
  checkOptions({ ...LOOK, ...FILE }, options, 'stylize');
  const given = givenOf(options);
  if (given.format !== undefined && given.rgba === true)
    throw new ConfigError(expected('one of format and rgba', 'both'));
  const ofFiles = Object.keys(given).find((name) => Object.hasOwn(FILE, name));
  if (ofFiles !== undefined && given.format === undefined)
    throw new ConfigError(
      expected(`format together with ${ofFiles}`, `${ofFiles} alone`, 'it is for files, not for pixels'),
    );
}
