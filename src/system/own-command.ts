/** Commands of this program as a message names them: in the form in which its user has called it, which works where the user is. */
import { realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * How to call it wherever it is installed or cloned. With `--no-install`, as npx would otherwise fetch and run whatever has that name in
 * the registry. (The newer `--no` makes npx keep a `--help` after the name for itself.)
 */
const ANYWHERE = 'npx --no-install fast-style';

/** What there is to tell by how the program was called. */
export interface Call {
  /** The script, as it was named. */
  readonly script: string | undefined;
  /** Node's own options. */
  readonly nodeOptions: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** The calls that there are, from the package's folder. */
const SCRIPTS = [
  ['bin', 'fast-style.mjs'],
  ['dist', 'cli.js'],
  ['src', 'cli.ts'],
];
const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

function thisCall(): Call {
  const { argv, execArgv, env } = process;
  return { script: argv[1], nodeOptions: execArgv, environment: env, folder: process.cwd() };
}

/** A command for a user to type. @param words after the program's name, as a shell takes them. */
export function ownCommand(words: string, call: Call = thisCall()): string {
  return `${programCall(call)} ${words}`;
}

/** The program's name, with what has to precede it, as its user has called it. */
export function programCall(call: Call = thisCall()): string {
  const { script, environment, folder } = call;
  // A program that uses the library, or a thread.
  if (script === undefined || !isOwn(script)) return ANYWHERE;
  if (environment.npm_lifecycle_event === 'fast-style') return 'npm run fast-style --';
  const path = resolve(folder, script);
  const parts = path.split(sep);
  if (parts.includes('node_modules')) return ANYWHERE;
  if (basename(path) === 'fast-style') {
    const found = (environment.PATH ?? '').split(delimiter).includes(dirname(path));
    return found ? 'fast-style' : shellWord(path);
  }
  const near = relative(folder, path);
  const shown = near.startsWith('..') || isAbsolute(near) ? path : near;
  const loader = shown.endsWith('.ts') ? '--import tsx ' : '';
  return `node ${loader}${shellWord(shown.split(sep).join('/'))}`;
}

function isOwn(script: string): boolean {
  try {
    const real = realpathSync(script);
    return SCRIPTS.some((parts) => real === realpathSync(packageFolder) + sep + join(...parts));
  } catch {
    return false;
  }
}

/** A word of a command as a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
