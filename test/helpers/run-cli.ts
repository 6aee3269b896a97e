import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm test` has built before; run a test file by itself after `npm run build`. */
const BUILT = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** As who has installed it calls it: messages name commands in the form in which the program was called. */
const folder = mkdtempSync(join(tmpdir(), 'fast-style-cli-'));
export const CLI = join(folder, 'fast-style');
symlinkSync(BUILT, CLI);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
export const PATH = [folder, process.env.PATH].join(delimiter);

export interface CliOptions {
  /** Working folder. */
  readonly cwd?: string;
  /** Variables set on top of the test's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What comes through standard input; closed unless given. */
  readonly input?: Uint8Array;
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** The same as it came. */
  readonly output: Buffer;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  /** What it has written to stderr so far. */
  stderr(): string;
  readonly done: Promise<CliResult>;
}

/** What `npm test` starts its processes with, as these compute for a moment, too (scripts/test.mjs). */
const forMoments = process.execArgv.filter((arg) => arg.startsWith('--interrupt-budget='));

/** Starts the built command line as a process of its own, as a user would. */
export function startCli(args: readonly string[], { cwd, env = {}, input }: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, [...forMoments, CLI, ...args], {
    cwd,
    // A test that has loaded TensorFlow itself has set it, and would have the child say more.
    env: { ...process.env, PATH, TF_CPP_MIN_LOG_LEVEL: undefined, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  // It may end before it has read everything.
  child.stdin?.on('error', () => undefined).end(input);
  const text = { stderr: '' };
  const parts: Buffer[] = [];
  child.stdout!.on('data', (part: Buffer) => parts.push(part));
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    text.stderr += part;
  });
  const done = once(child, 'close').then(([code, signal]) => {
    const output = Buffer.concat(parts);
    const stderr = withoutNotices(text.stderr);
    return { code, signal, stdout: output.toString(), output, stderr } as CliResult;
  });
  return { child, stderr: () => text.stderr, done };
}

/** A binding that tests are given by FAST_STYLE_BINDING is not the one that `setup` makes quiet. */
function withoutNotices(stderr: string): string {
  if (!process.env.FAST_STYLE_BINDING) return stderr;
  return stderr.replace(/^(WARNING: All log messages before absl|I0000 ).*\n/gm, '');
}

/** Runs the command line to its end, and fails if it died of a signal: nobody here has sent one. */
export async function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  const result = await startCli(args, options).done;
  const { signal, stderr } = result;
  assert.equal(signal, null, `${args.join(' ')} died of ${signal}, having said:\n${stderr}`);
  return result;
}

/** Fails unless the run ended as a user's error must: the exit code, nothing on stdout, and one line that matches. */
export function expectUserError(result: Omit<CliResult, 'output'>, message: RegExp, code = 1): void {
  assert.match(result.stderr, message);
  const lines = result.stderr.trimEnd().split('\n');
  assert.equal(lines.length, 1, `one line on stderr, not:\n${result.stderr}`);
  assert.match(lines[0]!, /^fast-style: /);
  assert.equal(result.stdout, '');
  assert.equal(result.code, code, result.stderr);
}
