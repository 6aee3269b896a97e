import type { Argv, CommandModule } from 'yargs';
import type { CalibrateArguments } from './calibrate-grid.ts';
import { trainConfigFlags } from './call.ts';

/** Settings that the grid itself lays out, or that would replace a strength. */
const LAID_OUT = ['strength', 'style-size', 'style-weight', 'steps', 'units'];

export const calibrateCommand: CommandModule<object, CalibrateArguments> = {
  command: 'calibrate',
  describe: 'Compare strengths and stroke sizes of a painting before training',
  builder: (yargs: Argv) => {
    yargs.options(
      Object.fromEntries(Object.entries(trainConfigFlags).filter(([name]) => !LAID_OUT.includes(name))),
    );
    return yargs
      .option('style', { type: 'string', demandOption: true, group: 'Data:', describe: 'The painting' })
      .option('data', {
        type: 'string',
        group: 'Data:',
        describe: 'Data set of photos (dataset build)',
        defaultDescription: 'synthetic pictures, made at first use',
      })
      .option('strengths', {
        type: 'string',
        default: '2,5,8',
        describe: 'Strengths, 1 to 10: a column of the sheet each',
      })
      .option('style-sizes', {
        type: 'string',
        default: '384,768',
        describe: 'Longer sides of the painting in px: a row each',
      })
      .option('photos', {
        type: 'number',
        default: 3,
        describe: 'Photos, or synthetic pictures, painted in each cell',
      })
      .option('from', {
        type: 'string',
        group: 'Optimisation:',
        describe: 'Style that each cell starts from, a name or file; none: random weights',
        defaultDescription: 'great-wave, if --architecture allows',
      })
      .option('try-steps', {
        type: 'number',
        default: 150,
        group: 'Optimisation:',
        describe: 'Training steps per cell, on crops of at most 128 px',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        group: 'Output:',
        describe: 'Sheet to write, with a .json file of figures next to it',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace existing files' })
      .example(
        '$0 calibrate --style wave.jpg --data datasets/coco --out wave-grid.png',
        'Three strengths by two sizes, in a few minutes',
      );
  },
  handler: async (args) => {
    const { calibrateGrid } = await import('./calibrate-grid.ts');
    await calibrateGrid(args);
  },
};
