/** fast-style dataset: build a data set from photo folders or from nothing, look into one. */
import type { Argv, CommandModule } from 'yargs';
import { BUILD_DEFAULTS, buildSettingsOf, whole } from '../../data/dataset-settings.ts';
import { tell } from '../shared/say.ts';
import { describeDataset } from './describe.ts';
import { synthCommand } from './synth.ts';

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
        extract: { type: 'number', describe: 'Write the first pictures, this many, as JPEG files' },
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
