/** The whole command line: every command, and what holds for all of them. Runs nothing. */
import type { Argv } from 'yargs';
import yargs from 'yargs';
import { ownVersion } from '../system/own-version.ts';
import { datasetCommand } from './dataset/command.ts';
import { exportCommand } from './export/command.ts';
import { farmCommand } from './farm/command.ts';
import { compareCommand } from './judge/compare.ts';
import { flickerCommand } from './judge/flicker.ts';
import { optimizeCommand } from './optimize/command.ts';
import { doctorCommand } from './setup/doctor.ts';
import { setupCommand } from './setup/setup.ts';
import {
  followingValues,
  givenOnce,
  negatedSwitches,
  typedNumbers,
  typedSwitches,
  UsageError,
  withMeantOption,
} from './shared/usage.ts';
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
    .check(givenOnce)
    .check(followingValues(args))
    .check(typedNumbers(args))
    .check(typedSwitches(args));
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

/** Names of the options of the command that the parser has come to. Its types keep them to itself. */
function knownOptions(parser: Argv): readonly string[] {
  const { key } = (
    parser as unknown as { getOptions(): { key: Readonly<Record<string, unknown>> } }
  ).getOptions();
  return Object.keys(key);
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
