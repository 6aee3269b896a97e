import type { Argv, CommandModule } from 'yargs';
import { optionName, typedValues } from '../../system/settings.ts';
import { CALIBRATE_SETTINGS, CELL_SETTINGS } from '../../train/calibrate/call.ts';
import { HEADS } from '../shared/heads.ts';
import { callOptions } from '../shared/setting-options.ts';
import { givenConfig, trainConfigFlags } from './call.ts';

/** What is typed besides settings. */
interface CalibrateArguments {
  readonly style: string;
  readonly data: string | undefined;
  readonly from?: string | undefined;
  readonly out: string;
}

const { 'try-steps': trySteps, overwrite, ...grid } = callOptions(CALIBRATE_SETTINGS);

export const calibrateCommand: CommandModule<object, CalibrateArguments> = {
  ...HEADS.calibrate,
  builder: (yargs: Argv) => {
    const ofCells = Object.keys(CELL_SETTINGS).map(optionName);
    yargs.options(
      Object.fromEntries(Object.entries(trainConfigFlags).filter(([name]) => ofCells.includes(name))),
    );
    const begun = yargs
      .option('style', { type: 'string', demandOption: true, group: 'Data:', describe: 'The painting' })
      .option('data', {
        type: 'string',
        group: 'Data:',
        describe: 'Data set of photos (dataset build)',
        defaultDescription: 'synthetic pictures, made at first use',
      });
    begun.options(grid);
    const more = begun.option('from', {
      type: 'string',
      group: 'Optimisation:',
      describe: 'Style that each cell starts from, a name or file; none: random weights',
      defaultDescription: 'great-wave, if --architecture allows',
    });
    more.options({ 'try-steps': trySteps! });
    const most = more.option('out', {
      alias: 'o',
      type: 'string',
      demandOption: true,
      group: 'Output:',
      describe: 'Sheet to write, with a .json file of figures next to it',
    });
    most.options({ overwrite: overwrite! });
    return most.example(
      '$0 calibrate --style wave.jpg --data datasets/coco --out wave-grid.png',
      'Three strengths by two sizes, in a few minutes',
    );
  },
  handler: async (args) => {
    const { style, data, from, out } = args;
    const call = { ...typedValues(CALIBRATE_SETTINGS, args), settings: givenConfig(args, {}) };
    const { calibrateOnScreen } = await import('./calibrate-grid.ts');
    await calibrateOnScreen({ ...call, style, data, from, out }, args);
  },
};
