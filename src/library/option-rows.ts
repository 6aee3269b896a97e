/** Rows for options that are no settings, to be checked as settings are. Loads nothing heavy. */
import { ConfigError, expected } from '../system/errors.ts';
import { numberSetting, ownSetting, switchSetting, textSetting } from '../system/setting-kinds.ts';
import { checkSettings, type SettingsTable } from '../system/settings.ts';

/** A row for each option. */
export type RowsOf<Options> = Record<keyof Options, SettingsTable[string]>;

/** The options that were given: one of undefined is as if it were not. */
export function givenOf(options: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @throws {ConfigError} no options at all. */
export function requireObject(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new ConfigError(expected('an object of options', options));
}

/** @param what the options are of, for messages. @throws {ConfigError} an unknown or invalid option. */
export function checkOptions(rows: SettingsTable, options: unknown, what: string): void {
  requireObject(options);
  checkSettings(rows, givenOf(options as object), what);
}

export const flag = switchSetting({ default: false });
export const text = textSetting({ default: '' });
/** Its bounds are checked where it is used. */
export const number = numberSetting([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], { default: 0 });
/** Checked where it is used. */
export const unchecked = ownSetting((value) => value, { default: undefined });
