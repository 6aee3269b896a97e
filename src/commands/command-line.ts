/** The whole command line: every command, what holds for all of them, and what wrong usage gets as an answer. Runs nothing. */
import type { Argv } from 'yargs';
import yargs from 'yargs';
import { ConfigError, expected, FastStyleError } from '../system/errors.ts';
import { nearestName } from '../system/nearest-name.ts';
import { ownVersion } from '../system/own-version.ts';
import { optionName } from '../system/settings.ts';
import { datasetCommand } from './dataset/command.ts';
import { exportCommand } from './export/command.ts';
import { farmCommand } from './farm/command.ts';
import { compareCommand } from './judge/compare.ts';
import { flickerCommand } from './judge/flicker.ts';
import { optimizeCommand } from './optimize/command.ts';
import { doctorCommand } from './setup/doctor.ts';
import { setupCommand } from './setup/setup.ts';
import { studioCommand } from './studio/command.ts';
import { stylesCommand } from './styles/command.ts';
import { stylesSheetCommand } from './styles/sheet.ts';
import { stylizeCommand } from './stylize/command.ts';
import { calibrateCommand } from './train/calibrate.ts';
import { trainCommand } from './train/command.ts';
import { reportCommand } from './train/report.ts';
import { videoCommand } from './video/command.ts';
import { weightsCommand } from './weights/command.ts';

// Each module is light: what is heavy (TensorFlow, sharp) is imported inside its handler, so --help is instant.
// One line per command: its own types meet the parser's here.
export const COMMANDS: readonly ((parser: Argv) => Argv)[] = [
  // The order is that of --help.
  (parser) => parser.command(setupCommand),
  (parser) => parser.command(doctorCommand),
  (parser) => parser.command(datasetCommand),
  (parser) => parser.command(weightsCommand),
  (parser) => parser.command(calibrateCommand),
  (parser) => parser.command(trainCommand),
  (parser) => parser.command(reportCommand),
  (parser) => parser.command(stylizeCommand),
  (parser) => parser.command(videoCommand),
  (parser) => parser.command(stylesCommand),
  (parser) => parser.command(exportCommand),
  (parser) => parser.command(studioCommand),
  // What is submitted has the options of the command that does it here.
  (parser) =>
    parser.command(
      farmCommand([stylizeCommand, videoCommand, trainCommand, stylesSheetCommand, compareCommand]),
    ),
  (parser) => parser.command(flickerCommand),
  (parser) => parser.command(optimizeCommand),
  (parser) => parser.command(compareCommand),
];

/** What every command takes, besides --help and --version. */
export const GLOBAL_OPTIONS = {
  verbose: {
    type: 'boolean',
    default: false,
    global: true,
    describe: 'Show the full stack trace of an error',
  },
} as const;

/** The command line cannot be understood. */
export class UsageError extends FastStyleError {
  override readonly exitCode = 2;
}

/**
 * The parser of a command line; `parseAsync` runs the command in it.
 *
 * @param args as they are typed after the program's name. @param program its name in help.
 * @returns a parser that throws {UsageError} for wrong usage, and what a command throws.
 */
export function commandLine(args: readonly string[], program = 'fast-style'): Argv {
  const root: Argv = yargs(withoutDashes(args))
    .scriptName(program)
    .usage(
      '$0 <command>\n\nTrain one small network per painting, then paint any photo with it in one forward pass.',
    )
    .options({ ...GLOBAL_OPTIONS, ...SEPARATOR_OPTION })
    .demandCommand(
      1,
      `Name a command, for instance: ${program} stylize photo.jpg --style great-wave --out painted.jpg`,
    )
    // No option of ours has parts: `--style.x y` is one that there is not.
    .parserConfiguration({ 'dot-notation': false })
    .strict()
    .recommendCommands()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .version(ownVersion())
    .help()
    .exitProcess(false)
    .fail((message, error) => {
      // yargs' own complaints come as a message or as its own error, errors thrown by a handler as they are.
      if (error && error.name !== 'YError') throw error;
      throw new UsageError(withMeantOption(asTyped(message), args, knownOptions(root)));
    })
    .middleware(restoreDashes)
    .check(negatedSwitches(args))
    .check(givenOnce);
  neverCachesHelp(root);
  return COMMANDS.reduce<Argv>((parser, register) => register(parser), root);
}

/**
 * yargs formats the help of each command that it runs, for callers that ask for it later. Nobody does here, and it takes a third of the
 * time until a command begins. Its types keep this to themselves.
 */
function neverCachesHelp(parser: Argv): void {
  const { getInternalMethods } = parser as unknown as {
    getInternalMethods(): { getUsageInstance(): { cacheHelpMessage(): void } };
  };
  getInternalMethods.call(parser).getUsageInstance().cacheHelpMessage = () => {};
}

/**
 * What makes sure that `no-` precedes switches only: yargs takes `--no-style`, too, and gives the style `false`.
 *
 * @throws {UsageError} while it checks.
 */
function negatedSwitches(args: readonly string[]): (values: object, options: unknown) => true {
  const end = args.indexOf('--');
  const typed = args.slice(0, end === -1 ? undefined : end);
  const negated = typed.flatMap((arg) => /^--no-([^=]+)/.exec(arg)?.[1] ?? []);
  return (_, options) => {
    const { boolean: switches } = options as { readonly boolean: readonly string[] };
    const odd = negated.find((name) => !switches.includes(name));
    if (odd === undefined) return true;
    throw new UsageError(`Unknown argument: no-${odd}`);
  };
}

/** Names of the options of the command that the parser has come to. Its types keep them to itself. */
function knownOptions(parser: Argv): readonly string[] {
  const { key } = (
    parser as unknown as { getOptions(): { key: Readonly<Record<string, unknown>> } }
  ).getOptions();
  return Object.keys(key);
}

/**
 * Of what is given more than once yargs makes a list that no command expects, unless the option is one.
 *
 * @throws {ConfigError} something is given twice that is no list.
 */
function givenOnce(values: Readonly<Record<string, unknown>>, options: unknown): true {
  const { array, alias } = options as ListOptions;
  const lists = new Set(['_', ...array, ...array.flatMap((name) => alias[name] ?? [])].map(optionName));
  const twice = Object.entries(values).find(
    ([name, value]) => Array.isArray(value) && !lists.has(optionName(name)),
  );
  if (twice === undefined) return true;
  throw new ConfigError(expected(`--${twice[0]} once`, `${(twice[1] as unknown[]).length} times`));
}

/** What yargs says of the options of the command that it has come to. */
interface ListOptions {
  readonly array: readonly string[];
  readonly alias: Readonly<Record<string, readonly string[]>>;
}

/**
 * yargs' complaint, in one line, with the option that was meant where one was mistyped. Looks at all that was typed: of a
 * mistyped option that is required, yargs says only that it is missing.
 *
 * @param args as they were typed. @param known names of the options of the command that was called, in any of their spellings.
 */
function withMeantOption(message: string, args: readonly string[], known: readonly string[]): string {
  const line = message.replace(/\s*\n\s*/g, ' ').replace(/^Did you mean/, 'Unknown command; did you mean');
  const end = args.indexOf('--');
  const typed = (end === -1 ? args : args.slice(0, end)).flatMap(
    (arg) => /^--(?:no-)?([^=]+)/.exec(arg)?.[1] ?? [],
  );
  const names = new Set(known.map(optionName));
  for (const name of typed) {
    if (names.has(optionName(name))) continue;
    const meant = nearestName(optionName(name), names);
    if (meant === undefined) continue;
    return `${line}; did you mean --${meant}${line.includes(name) ? '' : ` for --${name}`}?`;
  }
  return line;
}

/**
 * What the parser of the command line does not see as it is meant: the lone dash that stands for standard input and output, which
 * yargs takes for an option without a name and drops, and what follows `--`, which yargs hands to no command. Both pass
 * through it as words that no command line can hold.
 */

/** No argument of a process can hold it. */
const MARK = '\0';
/** An option, so that a list of values before `--` ends there. */
const SEPARATOR = `${MARK}operands`;

/** Tells the parser of the word that `--` becomes. */
const SEPARATOR_OPTION = { [SEPARATOR]: { type: 'boolean', hidden: true } } as const;

/** @param args of the command line, before they are parsed. After `--` everything is an operand, whatever it begins with. */
export function withoutDashes(args: readonly string[]): string[] {
  const at = args.indexOf('--');
  const options = at === -1 ? args : args.slice(0, at);
  const operands = at === -1 ? [] : args.slice(at + 1);
  return [
    ...options.map((arg) => (arg === '-' ? `${MARK}-` : arg)),
    ...(at === -1 ? [] : [`--${SEPARATOR}=true`]),
    ...operands.map((arg) => (arg.startsWith('-') ? `${MARK}${arg}` : arg)),
  ];
}

/** Puts words back as they were typed. */
function asTyped(text: string): string {
  return text.replaceAll(MARK, '');
}

/** The same in parsed arguments, in place. */
export function restoreDashes(values: Record<string, unknown>): void {
  delete values[SEPARATOR];
  const restored = (value: unknown) => (typeof value === 'string' ? asTyped(value) : value);
  for (const [name, value] of Object.entries(values)) {
    values[name] = Array.isArray(value) ? value.map(restored) : restored(value);
  }
}
