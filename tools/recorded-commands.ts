/** What the commands of src/commands declare to the parser, as data. Nothing is parsed or run. */
import type { Argv, CommandModule, Options } from 'yargs';
import { COMMANDS } from '../src/commands/command-line.ts';
import { type CommandName, HEADS } from '../src/commands/shared/heads.ts';

export interface RecordedCommand {
  /** Without the program's name: `dataset build <folders..>`. */
  readonly usage: string;
  readonly describe: string;
  /** In the order of the usage line. */
  readonly positionals: ReadonlyMap<string, Options>;
  /** By the names that are typed, in the order they are declared in. */
  readonly options: ReadonlyMap<string, Options>;
  /** Command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  readonly epilogue: string | undefined;
  /** It does nothing by itself. */
  readonly needsSubcommand: boolean;
  readonly subcommands: readonly RecordedCommand[];
}

/** The words that call a command: its usage without arguments. */
export function callOf({ usage }: Pick<RecordedCommand, 'usage'>): string {
  return usage.replace(/ [<[].*$/, '');
}

/** Stands in for the parser while builders run. A method of yargs that it does not have is a TypeError: nothing is overlooked. */
class Recorder {
  readonly declared = new Map<string, Options>();
  readonly positionals = new Map<string, Options>();
  readonly examples: [string, string][] = [];
  readonly commands: CommandModule[] = [];
  lastWords: string | undefined;
  needsSubcommand = false;

  option(name: string, options: Options): this {
    this.declared.set(name, options);
    return this;
  }
  options(options: Readonly<Record<string, Options>>): this {
    for (const [name, one] of Object.entries(options)) this.option(name, one);
    return this;
  }
  positional(name: string, options: Options): this {
    this.positionals.set(name, options);
    return this;
  }
  command(module: CommandModule): this {
    this.commands.push(module);
    return this;
  }
  example(command: string, description: string): this {
    this.examples.push([command.replaceAll('$0', 'npx --no-install fast-style'), description]);
    return this;
  }
  epilogue(text: string): this {
    this.lastWords = text;
    return this;
  }
  demandCommand(): this {
    this.needsSubcommand = true;
    return this;
  }
}

function recorded(module: CommandModule, parent: string): RecordedCommand {
  const { command, describe, builder } = module;
  if (
    typeof command !== 'string' ||
    typeof describe !== 'string' ||
    (builder && typeof builder !== 'function')
  )
    throw new TypeError(`A command is declared otherwise than the recorder knows: ${String(command)}`);
  const usage = `${parent}${command}`;
  const recorder = new Recorder();
  builder?.(recorder as unknown as Argv);
  return {
    usage,
    describe,
    positionals: recorder.positionals,
    options: recorder.declared,
    examples: recorder.examples,
    epilogue: recorder.lastWords,
    needsSubcommand: recorder.needsSubcommand,
    subcommands: recorder.commands.map((one) => recorded(one, `${callOf({ usage })} `)),
  };
}

/** All commands in the order of --help. */
export async function recordedCommands(): Promise<readonly RecordedCommand[]> {
  const recorder = new Recorder();
  for (const name of Object.keys(HEADS) as CommandName[])
    (await COMMANDS[name]())(recorder as unknown as Argv);
  return recorder.commands.map((module) => recorded(module, ''));
}

/** A command and those below it, each before its own. */
export function withSubcommands(command: RecordedCommand): readonly RecordedCommand[] {
  return [command, ...command.subcommands.flatMap(withSubcommands)];
}
