/** The program's commands in this process: what is asked of options and messages needs no process of its own. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { commandLine } from '../../src/commands/command-line.ts';
import { FastStyleError } from '../../src/system/errors.ts';
import { programCall } from '../../src/system/own-command.ts';
import { printableLine } from '../../src/system/printable.ts';
import { CLI, type CliOptions, type CliResult, PATH } from './run-cli.ts';

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

/** Working folder and environment are the whole process's: one command at a time. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command as `runCli` does, but here, and on the sources: a second of processor time less. For commands that end by themselves;
 * what src/cli.ts adds (streams that break, signals, bugs, --verbose), standard input, and what a command does to its process is for
 * `runCli`.
 */
export function callCommand(
  args: readonly string[],
  { cwd, env }: Pick<CliOptions, 'cwd' | 'env'> = {},
): Promise<Omit<CliResult, 'output'>> {
  const result = last.then(() => asCalled(cwd ?? process.cwd(), env ?? {}, () => run(args)));
  last = result.catch(() => undefined);
  return result;
}

async function run(args: readonly string[]): Promise<Omit<CliResult, 'output'>> {
  const texts = { stdout: '', stderr: '' };
  let code = 0;
  try {
    await written.run(texts, async () => (await commandLine(args, programCall())).parseAsync());
  } catch (error) {
    if (!(error instanceof FastStyleError)) throw error;
    texts.stderr += `fast-style: ${printableLine(error.message)}\n`;
    code = error.exitCode;
  }
  return { code, signal: null, ...texts };
}

/** Where a user would call the program, and by the name by which a user would. */
async function asCalled<Result>(
  folder: string,
  env: Readonly<Record<string, string>>,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = { folder: process.cwd(), script: process.argv[1]! };
  const variables = Object.entries({ ...env, PATH }).map(([name, value]) => {
    const own = process.env[name];
    process.env[name] = value;
    return [name, own] as const;
  });
  process.chdir(folder);
  process.argv[1] = CLI;
  try {
    return await work();
  } finally {
    process.chdir(before.folder);
    process.argv[1] = before.script;
    for (const [name, own] of variables)
      if (own === undefined) delete process.env[name];
      else process.env[name] = own;
  }
}
