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
  /** Its option may be given without a value: `read` says what no text stands for. */
  readonly mayBeBare?: true;
  /** Its option takes a text that the command reads itself, as it says more than this setting. */
  readonly isReadByCommand?: true;
  /** Of a choice: the words for its values on the command line. */
  readonly words?: Readonly<Record<string, T>>;
  /** It has to be given: what, for the message, as `a painting`. */
  readonly required?: string;
  /** Name of another setting that cannot be given with it. */
  readonly excludes?: string;
  /** Of a list: its option takes one value at a time, and is repeated for more. */
  readonly isRepeated?: true;
}

/** A row, as its kind completes it. */
export interface Setting<T> extends AboutSetting<T> {
  /** The value, if it fits. @param name of the setting, for the message. @throws {ConfigError} it does not. */
  readonly checked: (value: unknown, name: string) => T;
  /** What the parser makes of its option. */
  readonly type: 'number' | 'string' | 'boolean';
  /** Of a choice: its values. */
  readonly choices?: readonly (string | number)[];
  /** Of a number: what it may be. */
  readonly bounds?: NumberBounds;
  /** It may be given more than once. */
  readonly isList?: true;
}

export interface NumberBounds {
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
  /** The least is itself too little. */
  readonly isAbove?: true;
}

/** Rows by the names that the settings have in code and in configuration files. */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** The configuration that a table describes. */
export type SettingValues<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: ReturnType<Table[Name]['checked']>;
};

/** The same as whoever calls may have it by hand: what may be undefined may be left out. */
export type CallValues<Table extends SettingsTable> = {
  readonly [Name in keyof Table as undefined extends ReturnType<Table[Name]['checked']>
    ? never
    : Name]: ReturnType<Table[Name]['checked']>;
} & {
  readonly [Name in keyof Table as undefined extends ReturnType<Table[Name]['checked']>
    ? Name
    : never]?: ReturnType<Table[Name]['checked']>;
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

/** Settings of a call as the library's users give them, by the names of their rows: a list of one may be its one value. */
export type GivenSettings<Table extends SettingsTable> = {
  readonly [Name in keyof Table]?:
    | Exclude<ReturnType<Table[Name]['checked']>, undefined>
    | (Table[Name] extends { readonly isList: true } ? string : never);
};

/** The defaults of a table, in its order. */
export function defaultsOf<Table extends SettingsTable>(table: Table): SettingValues<Table> {
  const defaults = Object.entries(table).map(([name, row]) => [name, row.default]);
  return Object.fromEntries(defaults) as SettingValues<Table>;
}

/** A table without some of its rows. */
export function withoutRows<const Table extends SettingsTable, const Name extends keyof Table & string>(
  table: Table,
  names: readonly Name[],
): Omit<Table, Name> {
  const kept = Object.entries(table).filter(([name]) => !names.some((one) => one === name));
  return Object.fromEntries(kept) as unknown as Omit<Table, Name>;
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
  requireKnown(table, values, what);
  for (const [name, value] of Object.entries(values)) table[name]!.checked(value, name);
}

/** The first part of it: the names alone. @throws {ConfigError} one that no row has. */
export function requireKnown(
  table: SettingsTable,
  values: Readonly<Record<string, unknown>>,
  what: string,
): void {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(table, name));
  if (unknown === undefined) return;
  const names = Object.keys(table);
  const meant = nearestName(unknown, names);
  const remedy = `the settings are ${names.join(', ')}`;
  throw new ConfigError(
    expected(
      `a setting of ${what}`,
      unknown,
      meant === undefined ? remedy : `perhaps you mean ${meant}; ${remedy}`,
    ),
  );
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
    const isDefault = value === undefined && row.required === undefined;
    return [name, isDefault ? row.default : row.checked(value, called(name))];
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
