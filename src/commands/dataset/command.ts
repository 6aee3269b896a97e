/** fast-style dataset: build a data set from photo folders or from nothing, look into one. */
import type { Argv, CommandModule } from 'yargs';
import {
  BUILD_SETTINGS,
  buildSettingsOf,
  INSPECT_SETTINGS,
  SYNTH_SETTINGS,
  synthSettingsOf,
} from '../../data/dataset-settings.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { tell } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';

/** What is typed besides settings. */
interface BuildArguments {
  readonly folders: string[];
  readonly out: string;
}

interface InspectArguments {
  readonly folder: string;
}

const build: CommandModule<object, BuildArguments> = {
  command: 'build <folders..>',
  describe: 'Build a training data set from folders of photos',
  builder: (parser: Argv) => {
    const begun = parser
      .positional('folders', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Folders of photos, searched with their subfolders',
      })
      .option('out', {
        type: 'string',
        demandOption: true,
        describe: 'Folder of the data set, for instance datasets/coco',
      });
    begun.options(callOptions(BUILD_SETTINGS));
    return begun
      .example('$0 dataset build photos/ holiday/ --out datasets/mine', 'All photos of two folders')
      .example('$0 dataset build photos/ --out datasets/few --limit 1000', 'A thousand of them');
  },
  handler: async (args) => {
    const { folders, out } = args;
    const { overwrite, ...given } = typedValues(BUILD_SETTINGS, args);
    const settings = buildSettingsOf(given);
    const { buildPhotoDataset } = await import('../../data/build-dataset.ts');
    const { progressBar } = await import('../shared/progress-bar.ts');
    const bar = progressBar({ label: 'photos', total: 1 });
    const started = performance.now();
    try {
      const result = await buildPhotoDataset({
        folders,
        out,
        settings,
        overwrite,
        onUnreadable: (line) => bar.say(line),
        onProgress: ({ done, total, setAside }) => {
          bar.setTotal(total);
          bar.update(done, setAside > 0 ? `${setAside} set aside` : '');
        },
      });
      bar.stop();
      const seconds = (performance.now() - started) / 1000;
      const { resumedAfter, photos } = result;
      tell(
        photos + resumedAfter === 0
          ? 'The data set exists already.'
          : `${photos} photos in ${seconds.toFixed(1)} s, ${(photos / seconds).toFixed(0)} a second${resumedAfter > 0 ? `, after ${resumedAfter} of an earlier run` : ''}.`,
      );
    } finally {
      bar.stop();
    }
    await describeDataset(out);
  },
};

const inspect: CommandModule<object, InspectArguments> = {
  command: 'inspect <folder>',
  describe: 'Show what a data set contains, and check it',
  builder: (parser: Argv) => {
    const begun = parser.positional('folder', {
      type: 'string',
      demandOption: true,
      describe: 'Folder of the data set',
    });
    begun.options(callOptions(INSPECT_SETTINGS));
    return begun.example('$0 dataset inspect datasets/mine --verify', 'Check that every picture is intact');
  },
  handler: async (args) => {
    const { folder } = args;
    const { verify, extract, to } = typedValues(INSPECT_SETTINGS, args);
    await describeDataset(folder);
    if (verify) await verifyDataset(folder);
    if (extract > 0) {
      const { extractPictures } = await import('../../data/inspect-dataset.ts');
      tell(`wrote ${await extractPictures(folder, extract, to)} pictures to ${to}`);
    }
  },
};

export const datasetCommand: CommandModule<object, object> = {
  ...HEADS.dataset,
  builder: (parser: Argv) =>
    parser
      .command(build)
      .command(synthCommand)
      .command(inspect)
      .demandCommand(1, 'Say what to do: dataset build, dataset synth or dataset inspect'),
  handler: () => {},
};

async function verifyDataset(folder: string): Promise<void> {
  const { verifyPictures } = await import('../../data/inspect-dataset.ts');
  const { progressBar } = await import('../shared/progress-bar.ts');
  const bar = progressBar({ label: 'checking', total: 1 });
  try {
    const count = await verifyPictures(folder, (done, total) => {
      bar.setTotal(total);
      bar.update(done);
    });
    bar.stop();
    tell(`  all ${count} pictures are whole`);
  } finally {
    bar.stop();
  }
}

/** Prints it in three lines. @throws {DatasetError} it cannot be opened. */
export async function describeDataset(folder: string): Promise<void> {
  const { datasetFacts } = await import('../../data/inspect-dataset.ts');
  const { count, size, quality, bytes, shards, setAside } = await datasetFacts(folder);
  const asides = Object.entries(setAside);
  const total = asides.reduce((sum, [, each]) => sum + each, 0);
  tell(`${folder}: ${count} pictures, short side ${size} px, JPEG quality ${quality}`);
  tell(
    `  ${megabytes(bytes)} in ${shards} ${shards === 1 ? 'shard' : 'shards'}, ${(bytes / count / 1000).toFixed(1)} kB a picture`,
  );
  const reasons = asides.map(([reason, each]) => `${each} ${reason}`).join(', ');
  tell(
    total === 0 ? '  set aside: none' : `  set aside: ${total} (${reasons}), see ${folder}/set-aside.json`,
  );
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

const synthCommand: CommandModule<object, Pick<BuildArguments, 'out'>> = {
  command: 'synth',
  describe: 'Generate a data set of synthetic pictures with the statistics of photos',
  builder: (parser: Argv) => {
    const begun = parser.option('out', {
      type: 'string',
      demandOption: true,
      describe: 'Folder of the data set, for instance datasets/synth',
    });
    begun.options(callOptions(SYNTH_SETTINGS));
    return begun;
  },
  handler: async (args) => {
    const { out } = args;
    const { overwrite, ...given } = typedValues(SYNTH_SETTINGS, args);
    const settings = synthSettingsOf(given);
    const { synthesizeDataset } = await import('../../data/synthesize-dataset.ts');
    const { progressBar } = await import('../shared/progress-bar.ts');
    const bar = progressBar({ label: 'pictures', total: settings.count });
    const started = performance.now();
    try {
      const onProgress = ({ done }: { readonly done: number }) => bar.update(done);
      const { photos, resumedAfter } = await synthesizeDataset({ out, ...settings, overwrite, onProgress });
      bar.stop();
      const seconds = (performance.now() - started) / 1000;
      const before = resumedAfter > 0 ? `, after ${resumedAfter} of an earlier run` : '';
      tell(
        photos + resumedAfter === 0
          ? 'The data set exists already.'
          : `${photos} pictures in ${seconds.toFixed(1)} s, ${(photos / seconds).toFixed(0)} a second${before}.`,
      );
    } finally {
      bar.stop();
    }
    await describeDataset(out);
  },
};
