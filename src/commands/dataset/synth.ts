/** fast-style dataset synth: a data set of pictures made from nothing. */
import type { CommandModule } from 'yargs';
import { parseShardSize, whole } from '../../data/dataset-settings.ts';
import { tell } from '../shared/say.ts';
import { describeDataset } from './describe.ts';

interface SynthArguments {
  readonly out: string;
  readonly count: number;
  readonly size: number;
  readonly 'shard-size': string;
  readonly quality: number;
  readonly seed: number;
  readonly overwrite: boolean;
}

export const synthCommand: CommandModule<object, SynthArguments> = {
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
