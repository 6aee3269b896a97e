import type { Argv, CommandModule } from 'yargs';
import { readNames } from '../../data/picture-format.ts';
import type { FilesCall, Polish } from '../../paint/files-call.ts';
import type { FilesWatcher } from '../../paint/paint-files.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { catchInterruption, InterruptedError, type Interruption } from '../shared/interruption.ts';
import { type LookArguments, lookOptions } from '../shared/look-options.ts';
import { say } from '../shared/say.ts';
import { photoOptions } from './photo-options.ts';
import { StylizeReport } from './report.ts';

export interface StylizeArguments extends Omit<FilesCall, 'polish' | 'mask'>, LookArguments {
  readonly photo?: string[] | undefined;
  readonly style?: string | string[] | undefined;
  readonly refine?: number | undefined;
  readonly painting?: string | undefined;
  readonly lossNetwork?: string | undefined;
  readonly memory?: string | undefined;
  readonly skipExisting?: boolean | undefined;
  readonly watch?: string | undefined;
  readonly sheet?: string | undefined;
  readonly json: boolean;
}

export const stylizeCommand: CommandModule<object, StylizeArguments> = {
  command: 'stylize [photo..]',
  describe: 'Paint photos in a trained style, each in one forward pass',
  builder: (yargs: Argv) =>
    yargs
      .positional('photo', {
        type: 'string',
        array: true,
        describe: `${readNames()} files, folders, patterns such as 'in/**/*.jpg'; - is standard input`,
      })
      .option('style', {
        alias: 's',
        type: 'string',
        describe:
          'Name of a style or a .safetensors file; file:style for one of several. Repeat for several styles',
      })
      .option('blend', {
        type: 'string',
        describe: 'Mix styles of one architecture, such as wave:0.7,scream:0.3',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        describe: 'File to write, in the format of its extension; a folder; or - for standard output',
      })
      .options(photoOptions)
      .options(lookOptions)
      .option('refine', {
        type: 'number',
        describe: 'Polish each picture by this many iterations of the optimisation',
      })
      .option('painting', { type: 'string', describe: 'The painting of the style, for --refine' })
      .option('loss-network', {
        type: 'string',
        describe: 'Name or file of the loss network, for --refine',
        defaultDescription: "the style's own if stored, else vgg19, vgg16 or compact",
      })
      .option('precision', {
        choices: ['auto', 'f32', 'bf16'] as const,
        default: 'auto' as const,
        describe: 'Arithmetic; auto measures once which is faster',
      })
      .option('engine', {
        choices: ['compiled', 'eager'] as const,
        default: 'compiled' as const,
        describe: 'eager runs op by op, for debugging',
      })
      .option('memory', {
        type: 'string',
        describe: 'Memory to use, such as 1GB or 800MiB; larger pictures are painted in bands',
        defaultDescription: 'most of the free memory',
      })
      .option('tiles', {
        choices: ['auto', 'off', 'exact', 'fast'] as const,
        default: 'auto' as const,
        describe: 'Paint in bands: if memory is short, never, always, or always with nearly the same result',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace existing files' })
      .option('skip-existing', {
        type: 'boolean',
        default: false,
        describe: 'Keep existing files and paint what is missing',
      })
      .option('watch', {
        type: 'string',
        describe: 'Paint the photos in this folder, and new ones as they arrive, until Ctrl-C',
      })
      .option('sheet', {
        type: 'string',
        describe: 'Also write a contact sheet: a row for each photo, a column for each style',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Report progress as a JSON object per line on standard output',
      })
      .example('$0 stylize photo.jpg --style great-wave --out painted.jpg', 'One photo')
      .example(
        '$0 stylize photo.jpg --style trio --blend wave:0.7,scream:0.3 --out painted.jpg',
        'Two styles of one file, mixed',
      )
      .example('$0 stylize *.jpg --style great-wave --out painted/', 'Many, into a folder')
      .example(
        '$0 stylize holiday --style great-wave --out painted/ --skip-existing',
        'A folder, or the rest of it',
      )
      .example(
        '$0 stylize holiday -s great-wave -s mine -o out/ --sheet sheet.jpg',
        'Two styles side by side',
      )
      .example(
        '$0 stylize --watch inbox --style great-wave --out painted/',
        'Photos as they arrive in a folder',
      )
      .example(
        'cat a.jpg | $0 stylize - --style great-wave --out - > b.jpg',
        'Through standard input and output',
      )
      .example(
        '$0 stylize huge.tif --style great-wave --out painted.tif --memory 1GB',
        'A picture of any size',
      ),
  handler: stylize,
};

/** Paints what is named, or what comes into a folder, and shows it. */
async function stylize(args: StylizeArguments): Promise<void> {
  const { photo = [], watch, json } = args;
  refuseOddPairs(args, photo);
  const call = { ...args, polish: polishOf(args), photo };
  const report = new StylizeReport({ json, atOnce: watch !== undefined });
  let interruption: Interruption | undefined;
  let pictures = 0;
  const watcher: FilesWatcher = {
    say: (line) => report.say(line),
    signal() {
      const asked = () => report.say('Stopping after this picture; Ctrl-C again stops at once.');
      interruption = catchInterruption(watch === undefined ? asked : undefined);
      return interruption.signal;
    },
    onBegin(count, pixels) {
      pictures = count;
      if (count > 1) report.begin(pixels);
    },
    onProgress(path, share, pixels) {
      // A single photo has a bar where it takes long enough for one.
      if (pictures === 1) report.begin(pixels);
      report.progress(share * pixels, path);
    },
    onOutcome: (outcome, pixels) => report.add(outcome, pixels),
  };
  const done = async () => {
    if (watch === undefined) {
      const { paintFiles } = await import('../../paint/paint-files.ts');
      return paintFiles(call, watcher);
    }
    const { paintArriving } = await import('../../paint/paint-arriving.ts');
    const onWatching = () => {
      if (!json) report.say(`Watching ${watch}; Ctrl-C ends it.`);
    };
    // Ctrl-C is how watching ends.
    return { ...(await paintArriving({ ...call, watch }, { ...watcher, onWatching })), isStopped: false };
  };
  const { wanted, unread, isStopped } = await done().finally(() => {
    report.stop();
    interruption?.release();
  });
  if (isStopped)
    throw new InterruptedError(
      `Stopped: ${report.painted} of ${wanted} painted; the same command with --skip-existing continues.`,
    );
  report.finish(wanted, unread);
}

function polishOf({ refine: steps, painting, lossNetwork }: StylizeArguments): Polish | undefined {
  if (steps === undefined) return undefined;
  return {
    steps,
    async open(style) {
      const { openRefine } = await import('../../compare/refine.ts');
      return openRefine(style, { steps, painting, lossNetwork, say });
    },
  };
}

/** @throws {ConfigError} options of the command line that exclude each other. */
function refuseOddPairs({ out, watch, sheet, json }: StylizeArguments, photos: readonly string[]): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  if (watch !== undefined && photos.length > 0)
    refuse('no photos with --watch', photos[0]!, 'put them into the folder');
  if (watch !== undefined && sheet !== undefined) refuse('no --sheet with --watch, which has no end', sheet);
  if (json && out === '-') refuse('a file or folder for --out with --json', out);
}
