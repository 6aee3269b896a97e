/** fast-style dataset: build a data set from photo folders or from nothing, look into one. */
import type { Argv, CommandModule } from 'yargs';
import { BUILD_DEFAULTS, buildSettingsOf, parseShardSize, whole } from '../../data/dataset-settings.ts';
import { tell } from '../shared/say.ts';

interface BuildArguments {
  readonly folders: string[];
  readonly out: string;
  readonly size: number;
  readonly 'shard-size': string;
  readonly quality: number;
  readonly limit: number | undefined;
  readonly seed: number;
  readonly overwrite: boolean;
}

interface InspectArguments {
  readonly folder: string;
  readonly verify: boolean;
  readonly extract: number | undefined;
  readonly to: string;
}

const build: CommandModule<object, BuildArguments> = {
  command: 'build <folders..>',
  describe: 'Build a training data set from folders of photos',
  builder: (parser) =>
    parser
      .positional('folders', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Folders of photos, searched with their subfolders',
      })
      .options({
        out: {
          type: 'string',
          demandOption: true,
          requiresArg: true,
          describe: 'Folder of the data set, for instance datasets/coco',
        },
        size: {
          type: 'number',
          default: BUILD_DEFAULTS.size,
          describe: 'Short side of the stored pictures, px',
        },
        'shard-size': {
          type: 'string',
          default: BUILD_DEFAULTS.shardSize,
          describe: 'Size of a shard: 64MB, 1GB, or a number of pictures',
        },
        quality: {
          type: 'number',
          default: BUILD_DEFAULTS.quality,
          describe: 'JPEG quality of the stored pictures, 1 to 100',
        },
        limit: { type: 'number', describe: 'Use this many photos, drawn at random' },
        seed: {
          type: 'number',
          default: BUILD_DEFAULTS.seed,
          describe: 'Decides which photos --limit draws',
        },
        overwrite: { type: 'boolean', default: false, describe: 'Replace an existing data set at --out' },
      })
      .example('$0 dataset build photos/ holiday/ --out datasets/mine', 'All photos of two folders')
      .example('$0 dataset build photos/ --out datasets/few --limit 1000', 'A thousand of them'),
  handler: async ({ folders, out, overwrite, size, quality, shardSize, limit, seed }) => {
    const settings = buildSettingsOf({ size, quality, shardSize, limit, seed });
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
  builder: (parser) =>
    parser
      .positional('folder', { type: 'string', demandOption: true, describe: 'Folder of the data set' })
      .options({
        verify: { type: 'boolean', default: false, describe: 'Read, check and decode every picture' },
        extract: { type: 'number', describe: 'Write the first N pictures as JPEG files' },
        to: { type: 'string', default: '.', requiresArg: true, describe: 'Folder for --extract' },
      })
      .example('$0 dataset inspect datasets/mine --verify', 'Check that every picture is intact'),
  handler: async ({ folder, verify, extract, to }) => {
    const pictures = extract === undefined ? 0 : whole('--extract', extract, 1, Number.MAX_SAFE_INTEGER);
    await describeDataset(folder);
    if (verify) await verifyDataset(folder);
    if (pictures > 0) {
      const { extractPictures } = await import('../../data/inspect-dataset.ts');
      tell(`wrote ${await extractPictures(folder, pictures, to)} pictures to ${to}`);
    }
  },
};

export const datasetCommand: CommandModule<object, object> = {
  command: 'dataset',
  describe: 'Build a data set from photos, generate one, or inspect one',
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

interface SynthArguments {
  readonly out: string;
  readonly count: number;
  readonly size: number;
  readonly 'shard-size': string;
  readonly quality: number;
  readonly seed: number;
  readonly overwrite: boolean;
}

const synthCommand: CommandModule<object, SynthArguments> = {
  command: 'synth',
  describe: 'Generate a data set of synthetic pictures with the statistics of photos',
  builder: (parser) =>
    parser.options({
      out: {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Folder of the data set, for instance datasets/synth',
      },
      count: { type: 'number', default: 2000, describe: 'Number of pictures' },
      size: { type: 'number', default: 320, describe: 'Side of the square pictures, px' },
      'shard-size': {
        type: 'string',
        default: '64MB',
        describe: 'Size of a shard: 64MB, 1GB, or a number of pictures',
      },
      quality: { type: 'number', default: 92, describe: 'JPEG quality of the stored pictures, 1 to 100' },
      seed: { type: 'number', default: 1, describe: 'Seed of the pictures' },
      overwrite: { type: 'boolean', default: false, describe: 'Replace an existing data set at --out' },
    }),
  handler: async ({ out, overwrite, count, size, quality, shardSize, seed }) => {
    const settings = {
      count: whole('--count', count, 1, 10_000_000),
      size: whole('--size', size, 16, 4096),
      quality: whole('--quality', quality, 1, 100),
      shardSize: parseShardSize(shardSize),
      seed: whole('--seed', seed, 0, Number.MAX_SAFE_INTEGER),
    };
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
