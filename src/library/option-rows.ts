/** Rows for options that are no settings, to be checked as settings are. Loads nothing heavy. */
import { numberSetting, ownSetting, switchSetting, textSetting } from '../system/settings.ts';

/** The options that were given: one of undefined is as if it were not. */
export function givenOf(options: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export const flag = switchSetting({ default: false });
export const text = textSetting({ default: '' });
/** Its bounds are checked where it is used. */
export const number = numberSetting([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], { default: 0 });
/** Checked where it is used. */
export const unchecked = ownSetting((value) => value, { default: undefined });
