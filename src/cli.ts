#!/usr/bin/env node
/** The program: runs the command line, maps errors to messages and exit codes. The only place that sets exitCode. */
import { inspect } from 'node:util';
import { hideBin } from 'yargs/helpers';
import { commandLine } from './commands/command-line.ts';
import { UsageError } from './commands/shared/usage.ts';
import { leaveOutParts } from './engine/runtime/tfjs-parts.ts';
import { asFileError } from './system/atomic-file.ts';
import { expected, FastStyleError, FileError } from './system/errors.ts';
import { asTooFewOpenFiles } from './system/open-files.ts';
import { ownCommand, programCall } from './system/own-command.ts';
import { printableLine, printableLines } from './system/printable.ts';

/** Prints one line for a user's error, the whole stack for a bug, and answers the exit code. */
function report(error: unknown, verbose: boolean): number {
  if (error instanceof FastStyleError && !verbose) {
    const show = error.hasLines ? printableLines : printableLine;
    process.stderr.write(`fast-style: ${show(error.message)}\n`);
    if (error instanceof UsageError) process.stderr.write(`See: ${ownCommand('--help')}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? inspect(error) : String(error); // with its causes
  process.stderr.write(`${printableLines(stack)}\n`);
  return error instanceof FastStyleError ? error.exitCode : 70;
}

/** What standard output failed of, other than a reader that has enough. */
let unwritten: Error | undefined;

// Hours of training do not end for a reader that has enough (`fast-style train --json | head -1`), a terminal that is closed or a
// disk that is full: the work continues silently. If lines are lost although the reader is still there, the exit code says so.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout && error.code !== 'EPIPE' && error.code !== 'EIO') unwritten ??= error;
  });
}

/** @throws {FileError} the folder that relative names are meant in is gone. */
function requireWorkingFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    throw new FileError(
      expected('a working folder that is there', 'one that has been removed', 'change to another'),
      { cause: error },
    );
  }
}

leaveOutParts();
let exitCode = 0;
try {
  requireWorkingFolder();
  const parser = await commandLine(hideBin(process.argv), programCall());
  await parser.parseAsync();
} catch (error) {
  exitCode = report(
    error instanceof FastStyleError ? error : asTooFewOpenFiles(error),
    process.argv.includes('--verbose'),
  );
}
// What a stream complains of comes a moment after it was written to.
await new Promise((resolve) => setImmediate(resolve));
if (unwritten !== undefined) exitCode ||= report(asFileError(unwritten, 'write to standard output'), false);
if (exitCode !== 0) process.exitCode = exitCode;
