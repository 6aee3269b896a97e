/**
 * docs/commands.md, made from what the commands declare.
 *
 *     node --import tsx tools/command-reference.ts           writes it
 *     node --import tsx tools/command-reference.ts --check   says whether it is up to date; exit code 1 if not
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Options } from 'yargs';
import { GLOBAL_OPTIONS } from '../src/commands/command-line.ts';
import { callOf, type RecordedCommand, recordedCommands, withSubcommands } from './recorded-commands.ts';

export const REFERENCE = fileURLToPath(new URL('../docs/commands.md', import.meta.url));

/** Prose of --help as Markdown. */
const prose = (text: string) => text.replace(/[<|*]/g, '\\$&').replaceAll('\n', ' ');
/** A single word is something to type, unless a number is wanted; more are a description. */
const wordOrProse = (text: string, { type }: Options) =>
  /\s/.test(text) || (type === 'number' && Number.isNaN(Number(text))) ? prose(text) : code(text);
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;

function namesOf(name: string, { alias = [] }: Options): string {
  return [name, ...[alias].flat()].map((one) => code(one.length === 1 ? `-${one}` : `--${one}`)).join(', ');
}

function valuesOf({ choices, type, array, nargs }: Options): string {
  const one = choices ? choices.map((choice) => code(String(choice))).join(', ') : type;
  const values = { boolean: 'switch', string: 'text' }[one ?? ''] ?? one;
  if (values === undefined) throw new TypeError('An option has neither a type nor choices');
  return array && nargs !== 1 ? `${values} …` : values;
}

function defaultOf(option: Options): string {
  const { defaultDescription, default: value, demandOption } = option;
  if (demandOption) return '**required**';
  if (defaultDescription !== undefined) return wordOrProse(defaultDescription, option);
  if (value === undefined || value === false) return '';
  return value === true ? 'on' : code(String(value));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replace(/ {2,}\|/g, ' |');
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

const optionRow = (name: string, option: Options) => [
  namesOf(name, option),
  valuesOf(option),
  defaultOf(option),
  prose(option.describe ?? ''),
];

const optionTable = (options: readonly (readonly [string, Options])[]) =>
  table(
    ['option', 'values', 'default', ''],
    options.map(([name, option]) => optionRow(name, option)),
  );

/** A table for each group, in the order in which groups appear; those without one come last, as in --help. */
function optionTables(options: ReadonlyMap<string, Options>): string[] {
  const names = new Set([...options.values()].flatMap(({ group }) => group ?? []));
  const members = (name?: string) => [...options].filter(([, { group }]) => group === name);
  const named = [...names].flatMap((name) => [`**${name.replace(/:$/, '')}**`, optionTable(members(name))]);
  const rest = members();
  if (rest.length === 0) return named;
  return [...named, ...(named.length > 0 ? ['**Other**'] : []), optionTable(rest)];
}

const usageLine = ({ usage, options }: RecordedCommand) =>
  `fast-style ${usage}${options.size > 0 ? ' [options]' : ''}`;

function exampleBlock(examples: RecordedCommand['examples']): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `${line.padEnd(width)}   # ${what}`);
  return `\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
}

/** Commands whose tables have the options that others share with them to the letter. */
const HOMES = ['train', 'stylize'];
/** Fewer shared options than this stay in the command's own tables. */
const FEWEST_SHARED = 3;

/** The options of a command without those that a home's tables have, and a line for each home that names them. */
function ownAndShared(command: RecordedCommand, homes: readonly RecordedCommand[]) {
  const own = new Map(command.options);
  const lines = homes.flatMap((home) => {
    const isShared = ([name, option]: readonly [string, Options]) => {
      const there = home.options.get(name);
      return there !== undefined && String(optionRow(name, there)) === String(optionRow(name, option));
    };
    const shared = home === command ? [] : [...own].filter(isShared);
    if (shared.length < FEWEST_SHARED) return [];
    for (const [name] of shared) own.delete(name);
    const names = shared.map(([name, option]) => namesOf(name, option)).join(', ');
    return `As in [${code(callOf(home))}](#${callOf(home)}): ${names}.`;
  });
  return { own, lines };
}

function section(command: RecordedCommand, homes: readonly RecordedCommand[]): string {
  const { describe, positionals, examples, epilogue, needsSubcommand, subcommands } = command;
  const { own, lines } = ownAndShared(command, homes);
  const calls = [...(needsSubcommand ? [] : [command]), ...subcommands];
  const arguments_ = [...positionals].map(([name, option]) => [
    code(name),
    valuesOf(option),
    prose(option.describe ?? ''),
  ]);
  return [
    `## ${callOf(command)}`,
    `${prose(describe)}.`,
    `\`\`\`text\n${calls.map(usageLine).join('\n')}\n\`\`\``,
    ...(arguments_.length > 0 ? [table(['argument', 'values', ''], arguments_)] : []),
    ...optionTables(own),
    ...lines,
    ...(examples.length > 0 ? [exampleBlock(examples)] : []),
    ...(epilogue === undefined ? [] : [prose(epilogue)]),
  ].join('\n\n');
}

/** The whole document. */
export async function commandReference(): Promise<string> {
  const commands = (await recordedCommands()).flatMap(withSubcommands);
  const homesOf = (command: RecordedCommand) => {
    // What is submitted has the very options of the command that does it.
    const [, submitted] = /^farm submit (\w+)$/.exec(callOf(command)) ?? [];
    return commands.filter((home) => {
      const name = callOf(home);
      if (submitted === undefined) return HOMES.includes(name);
      return name.split(' ').at(-1) === submitted && !name.startsWith('farm');
    });
  };
  const contents = commands.map((command) => {
    const name = callOf(command);
    return `[${code(name)}](#${name.replaceAll(' ', '-')})`;
  });
  return `${[
    '# Commands and options',
    'Generated by `node --import tsx tools/command-reference.ts`. `fast-style train --help` and so on print the same. [training.md](training.md) explains the settings of training.',
    contents.join(' · '),
    'Every command also takes `--help`, `--version` and',
    optionTable(Object.entries(GLOBAL_OPTIONS)),
    'An option with `…` takes several values. Switches are off by default; `no-` before the name (`--no-audio`) turns one off. Exit codes: 0 done, 1 the request failed, 2 wrong usage, 70 an error in the program, 130 stopped by Ctrl-C.',
    ...commands.map((command) => section(command, homesOf(command))),
  ].join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await commandReference();
  if (!process.argv.includes('--check')) writeFileSync(REFERENCE, text);
  else if (readFileSync(REFERENCE, 'utf8') !== text) {
    console.error('docs/commands.md is out of date; run: node --import tsx tools/command-reference.ts');
    process.exitCode = 1;
  }
}
