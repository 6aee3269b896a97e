/** The kinds of settings: what a row's value may be, and how it is typed. Loads nothing heavy. */
import { ConfigError, expected } from './errors.ts';
import type { AboutSetting, NumberBounds } from './settings.ts';

/** The value of a row: undefined is one where its default is, and it need not be given. */
type ValueOf<T, About> = About extends { readonly required: string }
  ? T
  : About extends { readonly default: undefined }
    ? T | undefined
    : T;

/** What a row makes of a value by the check of its kind: it need not be given where its default is undefined. */
function checkedBy<T, About extends AboutSetting<T | undefined>>(
  { default: ofRow, required }: About,
  check: (value: unknown, name: string) => T,
) {
  return (value: unknown, name: string): ValueOf<T, About> => {
    if (value === undefined && required !== undefined)
      throw new ConfigError(expected(`${required} for ${name}`, 'none'));
    return (value === undefined && ofRow === undefined ? undefined : check(value, name)) as ValueOf<T, About>;
  };
}

/** A number within bounds, both included; a bound may be infinite. */
export function numberSetting<const About extends AboutSetting<number | undefined>>(
  [least, most]: readonly [least: number, most: number],
  about: About,
) {
  return ofNumber({ least, most, isWhole: false }, about);
}

/** A whole number within bounds, both included. */
export function wholeSetting<const About extends AboutSetting<number | undefined>>(
  [least, most]: readonly [least: number, most: number],
  about: About,
) {
  return ofNumber({ least, most, isWhole: true }, about);
}

/** A number above 0. */
export function positiveSetting<const About extends AboutSetting<number | undefined>>(about: About) {
  return ofNumber({ least: 0, most: Number.POSITIVE_INFINITY, isWhole: false, isAbove: true }, about);
}

function ofNumber<About extends AboutSetting<number | undefined>>(bounds: NumberBounds, about: About) {
  const checked = checkedBy(about, (value, name) => numberWithin(bounds, value, name));
  return { ...about, type: 'number', bounds, checked } as const;
}

/** The value, if it is a number within bounds. @param received what the message shows: as it was typed, say. @throws {ConfigError} it is not. */
export function numberWithin(
  { least, most, isWhole, isAbove }: NumberBounds,
  value: unknown,
  name: string,
  received = value,
): number {
  const fits =
    typeof value === 'number' &&
    (isAbove ? value > least : value >= least) &&
    value <= most &&
    (!isWhole || Number.isInteger(value));
  if (fits) return value;
  const within = Number.isFinite(most)
    ? ` from ${least} to ${most}`
    : Number.isFinite(least)
      ? ` ${isAbove ? 'above' : 'of at least'} ${least}`
      : '';
  throw new ConfigError(expected(`a ${isWhole ? 'whole ' : ''}number${within} for ${name}`, received));
}

/** One of some words or numbers. */
export function choiceSetting<
  const Choice extends string | number,
  const About extends AboutSetting<NoInfer<Choice> | undefined>,
>(choices: readonly Choice[], about: About) {
  const checked = checkedBy(about, (value, name): Choice => {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw new ConfigError(expected(`one of ${choices.join(', ')} for ${name}`, value));
  });
  return { ...about, type: 'string', choices, checked } as const;
}

/** A text that is not empty. */
export function textSetting<const About extends AboutSetting<string | undefined>>(about: About) {
  const checked = checkedBy(about, (value, name): string => {
    if (typeof value === 'string' && value !== '') return value;
    throw new ConfigError(expected(`a text for ${name}`, value));
  });
  return { ...about, type: 'string', checked } as const;
}

/** Texts, one at least, none empty; a text alone is a list of it. */
export function textsSetting<const About extends AboutSetting<readonly string[] | undefined>>(about: About) {
  const checked = checkedBy(about, (value, name): readonly string[] => {
    const all: unknown[] = [value].flat();
    if (all.length > 0 && all.every((one) => typeof one === 'string' && one !== '')) return all as string[];
    throw new ConfigError(expected(`a text or a list of texts for ${name}`, value));
  });
  return { ...about, type: 'string', isList: true, checked } as const;
}

/** On or off. */
export function switchSetting<const About extends AboutSetting<boolean | undefined>>(about: About) {
  const checked = checkedBy(about, (value, name): boolean => {
    if (typeof value === 'boolean') return value;
    throw new ConfigError(expected(`true or false for ${name}`, value));
  });
  return { ...about, type: 'boolean', checked } as const;
}

/** Different whole numbers within bounds, in ascending order; typed with commas between. */
export function ascendingSetting<const About extends AboutSetting<readonly number[]>>(
  [least, most]: readonly [least: number, most: number],
  about: About,
) {
  const bounds = { least, most, isWhole: true };
  const checked = (value: unknown, name: string): readonly number[] => {
    if (!Array.isArray(value) || value.length === 0)
      throw new ConfigError(expected(`a list of whole numbers for ${name}`, value));
    const numbers = value.map((one: unknown) => numberWithin(bounds, one, name));
    if (new Set(numbers).size < numbers.length)
      throw new ConfigError(expected(`each number once for ${name}`, numbers.join(',')));
    return numbers.sort((a, b) => a - b);
  };
  const read = (text: string, option: string): readonly number[] =>
    text.split(',').map((part) => {
      const typed = part.trim();
      return numberWithin(bounds, typed === '' ? Number.NaN : Number(typed), option, typed);
    });
  return { ...about, type: 'string', checked, read } as const;
}

/** A value with a check of its own, which throws {ConfigError}. */
export function ownSetting<T, const About extends AboutSetting<NoInfer<T>>>(
  checked: (value: unknown, name: string) => T,
  about: About,
) {
  return { ...about, type: 'string', checked } as const;
}
