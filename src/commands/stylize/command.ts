import type { Argv, CommandModule } from 'yargs';
import { polishOf } from '../../compare/polish.ts';
import type { FilesWatcher } from '../../paint/paint-files.ts';
import { STYLIZE_SETTINGS } from '../../paint/stylize-settings.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { type SettingValues, typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { catchInterruption, InterruptedError, type Interruption } from '../shared/interruption.ts';
import { say } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';
import { StylizeReport } from './report.ts';

interface StylizeArguments {
  readonly json: boolean;
}

const { photo, ...settings } = callOptions(STYLIZE_SETTINGS);

export const stylizeCommand: CommandModule<object, StylizeArguments> = {
  ...HEADS.stylize,
  builder: (yargs: Argv) => {
    // Added separately, as they are typed by their table and not by the parser.
    yargs.positional('photo', photo!).options(settings);
    return yargs
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
      );
  },
  handler: ({ photo: named, ...args }) => {
    // Of arguments that are not there, yargs makes an empty list.
    const photo = Array.isArray(named) && named.length === 0 ? undefined : named;
    return stylize(typedValues(STYLIZE_SETTINGS, { ...args, photo }), args);
  },
};

/** Paints what is named, or what comes into a folder, and shows it. */
async function stylize(
  typed: SettingValues<typeof STYLIZE_SETTINGS>,
  { json }: StylizeArguments,
): Promise<void> {
  const { photo = [], watch } = typed;
  refuseOddPairs({ ...typed, photo, json });
  const call = { ...typed, polish: polishOf(typed, say), photo };
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

type OddPairs = StylizeArguments &
  Pick<SettingValues<typeof STYLIZE_SETTINGS>, 'out' | 'watch' | 'sheet'> & {
    readonly photo: readonly string[];
  };

/** @throws {ConfigError} options of the command line that exclude each other. */
function refuseOddPairs({ out, watch, sheet, json, photo: [first] }: OddPairs): void {
  const refuse = (what: string, got: unknown, remedy?: string): never => {
    throw new ConfigError(expected(what, got, remedy));
  };
  if (watch !== undefined && first !== undefined)
    refuse('no photos with --watch', first, 'put them into the folder');
  if (watch !== undefined && sheet !== undefined) refuse('no --sheet with --watch, which has no end', sheet);
  if (json && out === '-') refuse('a file or folder for --out with --json', out);
}
