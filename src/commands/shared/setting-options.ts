/** Command-line options made from tables of settings. */
import type { Options } from 'yargs';
import { optionName, type Setting, type SettingsTable } from '../../system/settings.ts';

/** An option, or a positional argument, that a row describes. */
interface RowOption extends Options {
  readonly type?: Setting<unknown>['type'];
}

/**
 * The options of the settings that have one, by the names that are typed: `style-weight` for `styleWeight`. None has a default
 * of its own, so that a configuration file, a recipe and a resumed run can tell what was given.
 *
 * @param shown what --help says is the default of a row that does not say it.
 */
export function settingOptions(
  table: SettingsTable,
  shown: (row: Setting<unknown>) => string | undefined = () => undefined,
): Readonly<Record<string, Options>> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, row]) =>
      row.describe === undefined ? [] : [[optionName(row.option ?? name), optionOf(row, shown(row))]],
    ),
  );
}

function optionOf(row: Setting<unknown>, shownDefault: string | undefined): RowOption {
  const { group, describe, alias, type, choices, read, isReadByCommand, words } = row;
  const { required, excludes, isList, isRepeated, mayBeBare } = row;
  const { defaultDescription = shownDefault } = row;
  const isText = read !== undefined || isReadByCommand;
  const oneOf = words === undefined ? choices : Object.keys(words);
  return {
    ...(oneOf === undefined || isText ? { type: isText ? 'string' : type } : { choices: oneOf }),
    // yargs would take all words that follow for one option's.
    ...(isList && { array: true, ...(isRepeated && { nargs: 1 }) }),
    // Of another option, nothing typed is wrong usage (`followingValues`).
    ...(mayBeBare && { coerce: (typed: unknown) => (typed === '' ? String(read?.('', '')) : typed) }),
    ...(required !== undefined && { demandOption: true }),
    ...(excludes !== undefined && { conflicts: optionName(excludes) }),
    ...(alias !== undefined && { alias }),
    ...(group !== undefined && { group }),
    ...(describe !== undefined && { describe }),
    ...(defaultDescription !== undefined && { defaultDescription }),
  };
}

/**
 * The same for a call that nothing but what is typed decides: options have the defaults of their rows, as they are typed. A row that
 * describes its default has none. That of a positional argument is made likewise.
 */
export function callOptions(table: SettingsTable): Readonly<Record<string, RowOption>> {
  return Object.fromEntries(
    Object.entries(table).map(([name, row]) => {
      const { default: value, defaultDescription } = row;
      const typed = Array.isArray(value) ? String(value) : value;
      const option = optionOf(row, undefined);
      const isShown = value !== undefined && defaultDescription === undefined;
      return [optionName(name), isShown ? { ...option, default: typed } : option];
    }),
  );
}
