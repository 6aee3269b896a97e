/** What wrong usage gets as an answer, where yargs has none of its own or another than ours. */
import { ConfigError, expected, FastStyleError } from '../../system/errors.ts';
import { nearestName } from '../../system/nearest-name.ts';
import { optionName } from '../../system/settings.ts';

/** The command line cannot be understood. */
export class UsageError extends FastStyleError {
  override readonly exitCode = 2;
}

/** What yargs says of the options of the command that it has come to. */
interface KnownOptions {
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  readonly key: Readonly<Record<string, unknown>>;
  readonly array: readonly string[];
  readonly alias: Readonly<Record<string, readonly string[]>>;
}

/**
 * What makes sure that `no-` precedes switches only: yargs takes `--no-style`, too, and gives the style `false`.
 *
 * @throws {UsageError} while it checks.
 */
export function negatedSwitches(args: readonly string[]): (values: object, options: unknown) => true {
  const negated = beforeOperands(args).flatMap((arg) => /^--no-([^=]+)/.exec(arg)?.[1] ?? []);
  return (_, options) => {
    const { boolean: switches } = options as KnownOptions;
    const odd = negated.find((name) => !switches.includes(name));
    if (odd === undefined) return true;
    throw new UsageError(`Unknown argument: no-${odd}`);
  };
}

/**
 * Of what is given more than once yargs makes a list that no command expects, unless the option is one.
 *
 * @throws {ConfigError} something is given twice that is no list.
 */
export function givenOnce(values: Readonly<Record<string, unknown>>, options: unknown): true {
  const { array, alias } = options as KnownOptions;
  const lists = new Set(['_', ...spellingsOf(array, alias)].map(optionName));
  const twice = Object.entries(values).find(
    ([name, value]) => Array.isArray(value) && !lists.has(optionName(name)),
  );
  if (twice === undefined) return true;
  throw new ConfigError(expected(`--${twice[0]} once`, `${(twice[1] as unknown[]).length} times`));
}

/**
 * What makes sure that an option has its value: yargs takes a number without one for a number that is not given, and a text for an empty one.
 *
 * @throws {UsageError} while it checks: nothing follows but the next option.
 */
export function followingValues(
  args: readonly string[],
): (values: Readonly<Record<string, unknown>>, options: unknown) => true {
  const typed = beforeOperands(args);
  const bare = typed.flatMap((arg, i) => {
    const [, long, name = long] = /^(?:--([^=]+)|-([a-z]))$/i.exec(arg) ?? [];
    const next = typed[i + 1];
    // A lone dash is standard input or output, and one before digits a minus.
    const hasValue = next !== undefined && (!next.startsWith('-') || next === '-' || /^-\.?\d/.test(next));
    return name === undefined || hasValue ? [] : [name];
  });
  return (values, options) => {
    const { key, boolean: switches, alias } = options as KnownOptions;
    const known = spellingsOf(Object.keys(key), alias);
    const withoutValue = spellingsOf(switches, alias);
    // One that may be bare has become what that stands for.
    const isText = (value: unknown) => typeof value === 'string' && value !== '';
    const odd = bare.find((name) => known.has(name) && !withoutValue.has(name) && !isText(values[name]));
    if (odd === undefined) return true;
    throw new UsageError(`Not enough arguments following: ${odd}`);
  };
}

/**
 * What makes sure that a number is one: of another word yargs makes NaN.
 *
 * @throws {ConfigError} while it checks: another word.
 */
export function typedNumbers(args: readonly string[]): (values: object, options: unknown) => true {
  const typed = beforeOperands(args).flatMap((arg) =>
    arg.startsWith('--') ? arg.split(/=(.*)/s, 2) : [arg],
  );
  return (values, options) => {
    const { number: numbers, alias } = options as KnownOptions;
    const odd = numbers.find((name) => Number.isNaN((values as Readonly<Record<string, unknown>>)[name]));
    if (odd === undefined) return true;
    const names = spellingsOf([odd], alias);
    const at = typed.findIndex((one) => one.startsWith('--') && names.has(one.slice(2)));
    const word = typed[at + 1];
    throw new ConfigError(expected(`a number for --${optionName(odd)}`, word));
  };
}

/**
 * What makes sure that a switch is on or off: `--json=yes` yargs takes for false.
 *
 * @throws {ConfigError} while it checks: another value.
 */
export function typedSwitches(args: readonly string[]): (values: object, options: unknown) => true {
  const typed = beforeOperands(args).flatMap((arg) => {
    const [, name, value = ''] = /^--([^=]+)=(.*)$/s.exec(arg) ?? [];
    return name === undefined ? [] : [{ name, value }];
  });
  return (_, options) => {
    const { boolean: switches, alias } = options as KnownOptions;
    const names = spellingsOf(switches, alias);
    const odd = typed.find(({ name, value }) => names.has(name) && !/^(true|false)$/.test(value));
    if (odd === undefined) return true;
    throw new ConfigError(expected(`true or false for --${optionName(odd.name)}`, odd.value));
  };
}

/**
 * yargs' complaint, in one line, with the option that was meant where one was mistyped. Looks at all that was typed: of a
 * mistyped option that is required, yargs says only that it is missing.
 *
 * @param args as they were typed. @param known names of the options of the command that was called, in any of their spellings.
 */
export function withMeantOption(message: string, args: readonly string[], known: readonly string[]): string {
  const line = message.replace(/\s*\n\s*/g, ' ').replace(/^Did you mean/, 'Unknown command; did you mean');
  const typed = beforeOperands(args).flatMap((arg) => /^--(?:no-)?([^=]+)/.exec(arg)?.[1] ?? []);
  const names = new Set(known.map(optionName));
  for (const name of typed) {
    if (names.has(optionName(name))) continue;
    const meant = nearestName(optionName(name), names);
    if (meant === undefined) continue;
    return `${line}; did you mean --${meant}${line.includes(name) ? '' : ` for --${name}`}?`;
  }
  return line;
}

/** After `--` nothing is an option. */
function beforeOperands(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
}

/** Options with all their spellings, in camelCase or with dashes, without the dashes before them. */
function spellingsOf(names: readonly string[], alias: KnownOptions['alias']): ReadonlySet<string> {
  return new Set(names.flatMap((name) => [name, ...(alias[name] ?? [])]));
}
