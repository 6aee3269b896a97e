#!/usr/bin/env node
/** The program: runs the command line, maps errors to messages and exit codes. The only place that sets exitCode. */
import { inspect } from 'node:util';
import { hideBin } from 'yargs/helpers';
import { commandLine, UsageError } from './commands/command-line.ts';
import { FastStyleError } from './errors.ts';

/** Prints one line for a user's error, the whole stack for a bug, and answers the exit code. */
function report(error: unknown, verbose: boolean): number {
  if (error instanceof FastStyleError && !verbose) {
    process.stderr.write(`fast-style: ${error.message}\n`);
    if (error instanceof UsageError) process.stderr.write('See: fast-style --help\n');
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? inspect(error) : String(error)}\n`); // with its causes
  return error instanceof FastStyleError ? error.exitCode : 70;
}

// A reader that has enough (`fast-style styles list | head -1`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

try {
  await commandLine(hideBin(process.argv)).parseAsync();
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--verbose'));
}
