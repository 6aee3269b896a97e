/**
 * Settings as tables: one row says all that is to be known of a setting. Types, defaults, checks, command-line options and
 * docs are made from the rows. Loads nothing heavy.
 */
import { ConfigError, expected } from './errors.ts';
import { nearestName } from './nearest-name.ts';

/** What a row says of its setting, whatever its kind. */
export interface AboutSetting<T> {
  readonly default: T;
  /** What --help says of its option. A setting without this has no option. */
  readonly describe?: string;
  /** The group of --help that its option is in. */
  readonly group?: string;
  /** Name of its option, in camelCase, where it is not the setting's. */
  readonly option?: string;
  /** A second name of its option. */
  readonly alias?: string;
  /** What --help says is its default, where that is not the default as it is typed. */
  readonly defaultDescription?: string;
  /** Its option takes a text, which this turns into the value. @param option as in `--tv`, for messages. */
  readonly read?: (text: string, option: string) => unknown;
  /** Its option takes a text that the command reads itself, as it says more than this setting. */
  readonly isReadByCommand?: true;
  /** Of a choice: the words for its values on the command line. */
  readonly words?: Readonly<Record<string, T>>;
}

/** A row, as its kind completes it. */
export interface Setting<T> extends AboutSetting<T> {
  /** The value, if it fits. @param name of the setting, for the message. @throws {ConfigError} it does not. */
  readonly checked: (value: unknown, name: string) => T;
  /** What the parser makes of its option. */
  readonly type: 'number' | 'string' | 'boolean';
  /** Of a choice: its values. */
  readonly choices?: readonly string[];
  /** Of a number: what it may be. */
  readonly bounds?: NumberBounds;
}

export interface NumberBounds {
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
}

/** Rows by the names that the settings have in code and in configuration files. */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** The configuration that a table describes. */
export type SettingValues<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: ReturnType<Table[Name]['checked']>;
};

/** The value of an option as the parser gives it, or as the library does: a text may be the value it stands for. */
type TypedValue<Row extends Setting<unknown>> = Row extends { readonly isReadByCommand: true }
  ? string
  : Row extends { readonly read: unknown }
    ? string | ReturnType<Row['checked']>
    : Row extends { readonly words: infer Words }
      ? keyof Words
      : ReturnType<Row['checked']>;

/** Options of the settings that have one, by their names in camelCase, as the parser gives them; absent where not given. */
export type TypedSettings<Table extends SettingsTable> = {
  readonly [Name in keyof Table as Table[Name] extends { readonly describe: string }
    ? Table[Name] extends { readonly option: infer Option extends string }
      ? Option
      : Name
    : never]?: TypedValue<Table[Name]> | undefined;
};

/** The same as the library's users give them: values, not texts. Without those that a command reads itself, as they say more. */
export type OptionValues<Table extends SettingsTable> = {
  readonly [Name in keyof Table as Table[Name] extends { readonly isReadByCommand: true }
    ? never
    : Table[Name] extends { readonly describe: string }
      ? Table[Name] extends { readonly option: infer Option extends string }
        ? Option
        : Name
      : never]?: Table[Name] extends { readonly words: infer Words }
    ? keyof Words
    : ReturnType<Table[Name]['checked']>;
};

/** A number within bounds, both included; a bound may be infinite. */
export function numberSetting<const About extends AboutSetting<number>>(
  [least, most]: readonly [least: number, most: number],
  about: About,
) {
  return ofNumber({ least, most, isWhole: false }, about);
}

/** A whole number within bounds, both included. */
export function wholeSetting<const About extends AboutSetting<number>>(
  [least, most]: readonly [least: number, most: number],
  about: About,
) {
  return ofNumber({ least, most, isWhole: true }, about);
}

function ofNumber<About extends AboutSetting<number>>(bounds: NumberBounds, about: About) {
  const checked = (value: unknown, name: string): number => numberWithin(bounds, value, name);
  return { ...about, type: 'number', bounds, checked } as const;
}

/** The value, if it is a number within bounds. @param received what the message shows: as it was typed, say. @throws {ConfigError} it is not. */
export function numberWithin(
  { least, most, isWhole }: NumberBounds,
  value: unknown,
  name: string,
  received = value,
): number {
  const fits =
    typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value));
  if (fits) return value;
  const within = Number.isFinite(most)
    ? ` from ${least} to ${most}`
    : Number.isFinite(least)
      ? ` of at least ${least}`
      : '';
  throw new ConfigError(expected(`a ${isWhole ? 'whole ' : ''}number${within} for ${name}`, received));
}

/** One of some words. */
export function choiceSetting<const Choice extends string, const About extends AboutSetting<NoInfer<Choice>>>(
  choices: readonly Choice[],
  about: About,
) {
  const checked = (value: unknown, name: string): Choice => {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw new ConfigError(expected(`one of ${choices.join(', ')} for ${name}`, value));
  };
  return { ...about, type: 'string', choices, checked } as const;
}

/** A text that is not empty. */
export function textSetting<const About extends AboutSetting<string>>(about: About) {
  const checked = (value: unknown, name: string): string => {
    if (typeof value === 'string' && value !== '') return value;
    throw new ConfigError(expected(`a text for ${name}`, value));
  };
  return { ...about, type: 'string', checked } as const;
}

/** A text that is not empty, or none at all. */
export function optionalTextSetting<const About extends Omit<AboutSetting<string>, 'default'>>(about: About) {
  const { checked: checkedText, type } = textSetting({ default: '' });
  const checked = (value: unknown, name: string): string | undefined =>
    value === undefined ? undefined : checkedText(value, name);
  return { ...about, default: undefined, type, checked } as const;
}

/** On or off. */
export function switchSetting<const About extends AboutSetting<boolean>>(about: About) {
  const checked = (value: unknown, name: string): boolean => {
    if (typeof value === 'boolean') return value;
    throw new ConfigError(expected(`true or false for ${name}`, value));
  };
  return { ...about, type: 'boolean', checked } as const;
}

/** On or off, or neither said. */
export function optionalSwitchSetting<const About extends Omit<AboutSetting<boolean>, 'default'>>(
  about: About,
) {
  const { checked: checkedSwitch, type } = switchSetting({ default: false });
  const checked = (value: unknown, name: string): boolean | undefined =>
    value === undefined ? undefined : checkedSwitch(value, name);
  return { ...about, default: undefined, type, checked } as const;
}

/** Layers of the loss network with their weights, one at least, each above 0. */
export function layersSetting<const About extends AboutSetting<Readonly<Record<string, number>>>>(
  about: About,
) {
  return ofLayers(about, false);
}

/** Layers of the loss network with their weights; one of 0 leaves its layer out. */
export function layersOrNoneSetting<const About extends AboutSetting<Readonly<Record<string, number>>>>(
  about: About,
) {
  return ofLayers(about, true);
}

function ofLayers<About extends AboutSetting<Readonly<Record<string, number>>>>(
  about: About,
  mayBeNone: boolean,
) {
  const fits = (weight: unknown) =>
    typeof weight === 'number' && Number.isFinite(weight) && (weight > 0 || (mayBeNone && weight === 0));
  const checked = (value: unknown, name: string): Readonly<Record<string, number>> => {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isRecord && Object.values(value).every(fits) && (mayBeNone || Object.keys(value).length > 0))
      return value as Readonly<Record<string, number>>;
    throw new ConfigError(
      expected(
        `layers with weights ${mayBeNone ? 'of at least' : 'above'} 0 for ${name}`,
        value,
        'for instance {"relu4_2": 1}',
      ),
    );
  };
  const read = (text: string, option: string): unknown => parseLayerWeights(text, option, fits);
  return { ...about, type: 'string', checked, read } as const;
}

/**
 * Layers with weights as they are typed, `relu1_1:0.3,relu2_1`; a layer without a weight has 1.
 *
 * @throws {ConfigError} a weight that does not fit, or a layer twice.
 */
function parseLayerWeights(
  text: string,
  option: string,
  fits: (weight: number) => boolean,
): Readonly<Record<string, number>> {
  const layers: Record<string, number> = {};
  for (const part of text.split(',')) {
    // `=` is how `optimize` had it first.
    const [layer = '', weight = '1', ...more] = part.trim().split(/[:=]/);
    if (layer === '' || weight === '' || more.length > 0 || !fits(Number(weight)))
      throw new ConfigError(expected(`layers like relu1_1:0.5,relu2_1:0.5 for ${option}`, text));
    if (Object.hasOwn(layers, layer)) throw new ConfigError(expected(`each layer once in ${option}`, text));
    layers[layer] = Number(weight);
  }
  return layers;
}

/** Layers with weights as they are typed. */
export const layersText = (layers: Readonly<Record<string, number>>): string =>
  Object.entries(layers)
    .map(([layer, weight]) => `${layer}:${weight}`)
    .join(',');

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

/** The defaults of a table, in its order. */
export function defaultsOf<Table extends SettingsTable>(table: Table): SettingValues<Table> {
  const defaults = Object.entries(table).map(([name, row]) => [name, row.default]);
  return Object.fromEntries(defaults) as SettingValues<Table>;
}

/**
 * Checks settings by their names, as they are in a configuration.
 *
 * @param what the settings are of, for the message. @throws {ConfigError} an unknown name, or a value that does not fit.
 */
export function checkSettings(
  table: SettingsTable,
  values: Readonly<Record<string, unknown>>,
  what: string,
): void {
  const names = Object.keys(table);
  for (const [name, value] of Object.entries(values)) {
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (row === undefined) {
      const meant = nearestName(name, names);
      const remedy = `the settings are ${names.join(', ')}`;
      throw new ConfigError(
        expected(
          `a setting of ${what}`,
          name,
          meant === undefined ? remedy : `perhaps you mean ${meant}; ${remedy}`,
        ),
      );
    }
    row.checked(value, name);
  }
}

/**
 * All values of a table, by the names of its rows: those given, checked, and defaults.
 *
 * @param called what messages call a setting: its name, unless given. @throws {ConfigError} a value that does not fit.
 */
export function valuesOf<Table extends SettingsTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  called = (name: string) => name,
): SettingValues<Table> {
  const values = Object.entries(table).map(([name, row]) => {
    const value = given[name];
    return [name, value === undefined ? row.default : row.checked(value, called(name))];
  });
  return Object.fromEntries(values) as SettingValues<Table>;
}

/** The same of what was typed. */
export function typedValues<Table extends SettingsTable>(
  table: Table,
  typed: Readonly<Record<string, unknown>>,
): SettingValues<Table> {
  const optionOf = (name: string) => `--${optionName(name)}`;
  const values = Object.entries(table).map(([name, row]) => [
    name,
    typed[name] === undefined ? undefined : settingValue(row, typed[name], optionOf(name)),
  ]);
  return valuesOf(table, Object.fromEntries(values), optionOf);
}

/** The value that was typed, or that a text stands for, as it is in a configuration; not checked yet. @param option as in `--tv`. */
export function settingValue(row: Setting<unknown>, typed: unknown, option: string): unknown {
  if (row.read !== undefined && typeof typed === 'string') return row.read(typed, option);
  if (row.words === undefined) return typed;
  return Object.hasOwn(row.words, String(typed)) ? row.words[String(typed)] : typed;
}

/** As it is typed: `style-weight` for `styleWeight`. */
export const optionName = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
