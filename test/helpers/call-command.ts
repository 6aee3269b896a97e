/** The program's commands in this process: what is asked of options and messages needs no process of its own. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { commandLine } from '../../src/commands/command-line.ts';
import { FastStyleError } from '../../src/system/errors.ts';
import { programCall } from '../../src/system/own-command.ts';
import { printableLine } from '../../src/system/printable.ts';
import { CLI, type CliResult, PATH } from './run-cli.ts';

/** What the command that this code belongs to has written: the test runner writes to the same streams meanwhile. */
const written = new AsyncLocalStorage<Record<'stdout' | 'stderr', string>>();
for (const name of ['stdout', 'stderr'] as const) {
  const write = process[name].write.bind(process[name]) as (...args: unknown[]) => boolean;
  process[name].write = (text: string | Uint8Array, ...more: unknown[]) => {
    const texts = written.getStore();
    if (texts === undefined) return write(text, ...more);
    texts[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
    return true;
  };
}

/** The working folder is the whole process's: one command at a time. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command as `runCli` does, but here, and on the sources: a second of processor time less. For commands that end by themselves;
 * what src/cli.ts adds (streams that break, signals, bugs, --verbose), standard input, and what a command does to its process is for
 * `runCli`.
 */
export function callCommand(
  args: readonly string[],
  { cwd }: { readonly cwd?: string } = {},
): Promise<Omit<CliResult, 'output'>> {
  const result = last.then(() => inFolder(cwd ?? process.cwd(), () => run(args)));
  last = result.catch(() => undefined);
  return result;
}

async function run(args: readonly string[]): Promise<Omit<CliResult, 'output'>> {
  const texts = { stdout: '', stderr: '' };
  let code = 0;
  try {
    await written.run(texts, () => commandLine(args, programCall()).parseAsync());
  } catch (error) {
    if (!(error instanceof FastStyleError)) throw error;
    texts.stderr += `fast-style: ${printableLine(error.message)}\n`;
    code = error.exitCode;
  }
  return { code, signal: null, ...texts };
}

/** Where a user would call the program, and by the name by which a user would. */
async function inFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const before = { folder: process.cwd(), script: process.argv[1]!, path: process.env.PATH };
  process.chdir(folder);
  process.argv[1] = CLI;
  process.env.PATH = PATH;
  try {
    return await work();
  } finally {
    process.chdir(before.folder);
    process.argv[1] = before.script;
    process.env.PATH = before.path;
  }
}
