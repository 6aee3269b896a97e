/** The whole command line: every command, and what holds for all of them. Runs nothing. */
import type { Argv, CommandModule } from 'yargs';
import yargs from 'yargs';
import { ownVersion } from '../system/own-version.ts';
import { type CommandName, HEADS } from './shared/heads.ts';
import {
  followingValues,
  givenOnce,
  negatedSwitches,
  typedNumbers,
  typedSwitches,
  UsageError,
  withMeantOption,
} from './shared/usage.ts';

/** A command as it is added to a parser: its own types meet the parser's here. */
type Adding = (parser: Argv) => Argv;

const adding =
  <Globals, Own>(command: CommandModule<Globals, Own>): Adding =>
  (parser) =>
    parser.command(command as unknown as CommandModule);

/**
 * The commands. To load them all takes half of the time until any begins, so each loads when it is called; what is heavy (TensorFlow,
 * sharp) loads in its handler.
 */
export const COMMANDS: Readonly<Record<CommandName, () => Promise<Adding>>> = {
  setup: async () => adding((await import('./setup/setup.ts')).setupCommand),
  doctor: async () => adding((await import('./setup/doctor.ts')).doctorCommand),
  dataset: async () => adding((await import('./dataset/command.ts')).datasetCommand),
  weights: async () => adding((await import('./weights/command.ts')).weightsCommand),
  calibrate: async () => adding((await import('./train/calibrate.ts')).calibrateCommand),
  train: async () => adding((await import('./train/command.ts')).trainCommand),
  report: async () => adding((await import('./train/report.ts')).reportCommand),
  stylize: async () => adding((await import('./stylize/command.ts')).stylizeCommand),
  video: async () => adding((await import('./video/command.ts')).videoCommand),
  styles: async () => adding((await import('./styles/command.ts')).stylesCommand),
  export: async () => adding((await import('./export/command.ts')).exportCommand),
  studio: async () => adding((await import('./studio/command.ts')).studioCommand),
  // What is submitted has the options of the command that does it here.
  farm: async () => {
    const { farmCommand } = await import('./farm/command.ts');
    const [stylize, video, train, sheet, compare] = await Promise.all([
      import('./stylize/command.ts'),
      import('./video/command.ts'),
      import('./train/command.ts'),
      import('./styles/sheet.ts'),
      import('./judge/compare.ts'),
    ]);
    const submitted = [
      stylize.stylizeCommand,
      video.videoCommand,
      train.trainCommand,
      sheet.stylesSheetCommand,
      compare.compareCommand,
    ];
    return adding(farmCommand(submitted));
  },
  flicker: async () => adding((await import('./judge/flicker.ts')).flickerCommand),
  optimize: async () => adding((await import('./optimize/command.ts')).optimizeCommand),
  compare: async () => adding((await import('./judge/compare.ts')).compareCommand),
};

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
 * The parser of a command line; `parseAsync` runs the command in it. Knows the commands whose names are among its words, and of the
 * others what --help says of them.
 *
 * @param args as they are typed after the program's name. @param program its name in help.
 * @returns a parser that throws {UsageError} for wrong usage, and what a command throws.
 */
export async function commandLine(args: readonly string[], program = 'fast-style'): Promise<Argv> {
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
  for (const [name, head] of Object.entries(HEADS)) {
    if (args.includes(name)) (await COMMANDS[name as CommandName]())(root);
    else root.command(head.command, head.describe);
  }
  return root;
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
