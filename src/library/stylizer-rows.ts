/** The options of `Stylizer`, by their rows. Loads nothing heavy. */
import { ABILITIES, type PhotoFormat } from '../data/picture-format.ts';
import { FILE_ROWS, LOOK_ROWS, PRECISION_ROW, TILES_ROW } from '../paint/photo-rows.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { choiceSetting, ownSetting, type SettingsTable } from '../system/settings.ts';
import { checkOptions, flag, givenOf, number, text, textsSetting, unchecked } from './option-rows.ts';
import type { EncodeOptions, LoadOptions, RgbaOptions, StylizeOptions } from './options.ts';
import type { IntoFilesOptions } from './stylize-files.ts';

type Rows<Options> = Record<keyof Options, SettingsTable[string]>;

const LOAD = {
  precision: PRECISION_ROW,
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
  ...LOOK_ROWS,
  ...{ stroke: number, amount: number, mask: unchecked },
  ...{ maxPixels: number, signal: unchecked, rgba: flag },
} satisfies Rows<RgbaOptions>;

const FILE = {
  ...FILE_ROWS,
  ...{ background: unchecked, onNote: unchecked },
  format: choiceSetting(Object.keys(ABILITIES) as PhotoFormat[], { default: 'png' }),
} satisfies Rows<Omit<EncodeOptions, keyof StylizeOptions>>;

/** Options of painting photos into files: how styles are loaded, how photos are painted, and how they are written. */
export const INTO_FILES = {
  ...LOOK_ROWS,
  ...FILE_ROWS,
  ...{ precision: LOAD.precision, memory: LOAD.memory },
  ...{ stroke: LOOK.stroke, amount: LOOK.amount, mask: LOOK.mask, maxPixels: LOOK.maxPixels },
  ...{ background: FILE.background, format: FILE.format },
  ...{ style: textsSetting, blend: text, out: text, overwrite: flag },
  tiles: TILES_ROW,
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
