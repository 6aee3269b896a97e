#!/usr/bin/env node
/** The yargs root: registers the commands, maps errors to messages and exit codes. The only place that sets exitCode. */
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { calibrateCommand } from './commands/calibrate.ts';
import { compareCommand } from './commands/compare.ts';
import { datasetCommand } from './commands/dataset.ts';
import { doctorCommand } from './commands/doctor.ts';
import { flickerCommand } from './commands/flicker.ts';
import { restoreDashes, withoutDashes } from './commands/lone-dash.ts';
import { optimizeCommand } from './commands/optimize.ts';
import { reportCommand } from './commands/report.ts';
import { setupCommand } from './commands/setup.ts';
import { stylesCommand } from './commands/styles.ts';
import { stylizeCommand } from './commands/stylize.ts';
import { trainCommand } from './commands/train.ts';
import { videoCommand } from './commands/video.ts';
import { weightsCommand } from './commands/weights.ts';
import { ConfigError, expected, FastStyleError } from './errors.ts';

// Each module is light: what is heavy (TensorFlow, sharp) is imported inside its handler, so --help is instant.
// One line per command: its own types meet the parser's here.
const commands: readonly ((parser: Argv) => Argv)[] = [
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
  (parser) => parser.command(flickerCommand),
  (parser) => parser.command(optimizeCommand),
  (parser) => parser.command(compareCommand),
];

/** What may be given more than once; of anything else yargs would make a list that no command reckons with. */
const LISTS: ReadonlySet<string> = new Set(['_', 'photo', 'folders', 'preview-photo', 'previewPhoto']);
/** The same for single commands: one command's list may be another's single value. */
const LISTS_OF: Readonly<Record<string, readonly string[]>> = {
  train: ['style', 'style-name', 'styleName'],
  stylize: ['style', 's'],
  video: ['style', 's'],
  optimize: ['style', 'mask', 'style-mask', 'styleMask'],
};

class UsageError extends FastStyleError {
  override readonly exitCode = 2;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

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

const root = yargs(withoutDashes(hideBin(process.argv)))
  .scriptName('fast-style')
  .usage(
    '$0 <command>\n\nTrain one small network per painting, then paint any photo with it in one forward pass.',
  )
  .option('verbose', {
    type: 'boolean',
    default: false,
    global: true,
    describe: 'Show the whole stack of an error',
  })
  .demandCommand(
    1,
    'Name a command, for instance: fast-style stylize photo.jpg --style great-wave --out painted.jpg',
  )
  .strict()
  .recommendCommands()
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .version(version)
  .help()
  .exitProcess(false)
  .fail((message, error) => {
    // yargs' own complaints come as a message, errors thrown by a handler as an error.
    if (error) throw error;
    throw new UsageError(message.replace(/\s*\n\s*/g, ' '));
  })
  .middleware(restoreDashes)
  .check((values) => {
    const own = LISTS_OF[String(values._?.[0])] ?? [];
    const isList = (name: string) => LISTS.has(name) || own.includes(name);
    const twice = Object.entries(values).find(([name, value]) => Array.isArray(value) && !isList(name));
    if (twice === undefined) return true;
    throw new ConfigError(expected(`--${twice[0]} once`, `${(twice[1] as unknown[]).length} times`));
  });

try {
  await commands.reduce<Argv>((parser, register) => register(parser), root).parseAsync();
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--verbose'));
}
