import type { Argv, CommandModule } from 'yargs';

export interface CompareArguments {
  readonly style: string;
  readonly photos: string;
  readonly painting: string;
  readonly out?: string | undefined;
  readonly sizes: string;
  readonly iterations: string;
  readonly limit?: number | undefined;
  readonly 'line-search': 'strong-wolfe' | 'none' | 'both';
  readonly start: 'noise' | 'content';
  readonly seed: number;
  readonly 'loss-network'?: string | undefined;
  readonly lossNetwork?: string | undefined;
  readonly precision: 'auto' | 'f32' | 'bf16';
  readonly overwrite: boolean;
}

export const compareCommand: CommandModule<object, CompareArguments> = {
  command: 'compare',
  describe: 'Count how many iterations of the optimisation a trained style is worth (Johnson et al. 2016)',
  builder: (yargs: Argv) =>
    yargs
      .option('style', {
        alias: 's',
        type: 'string',
        demandOption: true,
        describe: 'Name of a trained style or a .safetensors file',
      })
      .option('photos', { type: 'string', demandOption: true, describe: 'Folder of photos' })
      .option('painting', {
        type: 'string',
        demandOption: true,
        describe: 'The painting that the style was trained on',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        describe: 'Folder for report.md, report.json and sheet.jpg',
        defaultDescription: 'compare/<style>',
      })
      .option('sizes', {
        type: 'string',
        default: '256,512,1024',
        describe: 'Longer sides of the photos in px',
      })
      .option('iterations', {
        type: 'string',
        default: '25,50,100,200,300,500',
        describe: 'Iterations to report; the optimisation ends with the last',
      })
      .option('limit', {
        type: 'number',
        describe: 'Use this many photos, drawn at random',
        defaultDescription: 'all',
      })
      .option('line-search', {
        choices: ['strong-wolfe', 'none', 'both'] as const,
        default: 'both' as const,
        describe: "The optimisation's steps: searched, fixed as in Johnson et al. 2016, or both",
      })
      .option('start', {
        choices: ['noise', 'content'] as const,
        default: 'noise' as const,
        describe: 'What the optimisation starts from',
      })
      .option('seed', { type: 'number', default: 1, describe: 'Seed of the noise and of the draw' })
      .option('loss-network', {
        type: 'string',
        describe: 'Name or file of the loss network to judge with',
        defaultDescription: "the style's own if stored, else vgg19, vgg16 or compact",
      })
      .option('precision', {
        choices: ['auto', 'f32', 'bf16'] as const,
        default: 'f32' as const,
        describe: 'Arithmetic of network and optimisation',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an earlier report' })
      .example(
        '$0 compare --style great-wave --photos photos/ --painting wave.jpg',
        'Tables and a contact sheet in compare/great-wave',
      )
      .epilogue('Ctrl-C writes the report of the finished photos and exits with code 130.'),
  handler: async (args) => {
    const { compareStyle } = await import('./compare-run.ts');
    await compareStyle(args);
  },
};
