/** The options of `Stylizer`, by their rows. Loads nothing heavy. */
import { LOOK_SETTINGS, PHOTO_SETTINGS, STYLIZE_SETTINGS } from '../paint/stylize-settings.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { checkOptions, flag, givenOf, type RowsOf, unchecked } from './option-rows.ts';
import type { EncodeOptions, LoadOptions, RgbaOptions, StylizeOptions } from './options.ts';

const LOAD = {
  precision: STYLIZE_SETTINGS.precision,
  memory: STYLIZE_SETTINGS.memory,
  thread: flag,
} satisfies RowsOf<LoadOptions>;

const { damaged, maxPixels, ...ofFiles } = PHOTO_SETTINGS;

const LOOK = {
  ...LOOK_SETTINGS,
  ...{ damaged, maxPixels, mask: unchecked, signal: unchecked, rgba: flag },
} satisfies RowsOf<RgbaOptions>;

const FILE = { ...ofFiles, onNote: unchecked } satisfies RowsOf<Omit<EncodeOptions, keyof StylizeOptions>>;

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
  const ofFile = Object.keys(given).find((name) => Object.hasOwn(FILE, name));
  if (ofFile !== undefined && given.format === undefined)
    throw new ConfigError(
      expected(`format together with ${ofFile}`, `${ofFile} alone`, 'it is for files, not for pixels'),
    );
}
