import type { Argv, CommandModule, Options } from 'yargs';
import { TRAIN_CALL } from '../../train/run/call-settings.ts';
import { HEADS } from '../shared/heads.ts';
import { callOptions } from '../shared/setting-options.ts';
import { type ShownAs, trainCall, trainConfigFlags } from './call.ts';

const { style, data, name, quality, resume, plan, ...ofCall } = callOptions(TRAIN_CALL);
const { strength, 'style-size': styleSize, ...ofSettings } = trainConfigFlags;

export const trainCommand: CommandModule<object, ShownAs> = {
  ...HEADS.train,
  builder: (yargs: Argv) => {
    // The order is that of --help: what most trainings need, then all else. Added separately, as they are typed by their tables
    // and not by the parser.
    const most = { style, data, name, quality, strength, 'style-size': styleSize, resume, plan };
    yargs.options({ ...(most as Readonly<Record<string, Options>>), ...ofSettings, ...ofCall });
    return yargs
      .option('json', {
        type: 'boolean',
        default: false,
        group: 'Output:',
        describe: 'Print a JSON object per line on standard output',
      })
      .example(
        '$0 train --style wave.jpg --data datasets/coco --name wave',
        'Trains checkpoints/wave.safetensors',
      )
      .example(
        '$0 train --style wave.jpg --data datasets/coco --name wave --resume',
        'Continues after Ctrl-C',
      )
      .example('$0 train --style wave.jpg scream.jpg --data datasets/coco', 'One after the other')
      .example(
        '$0 train --style wave.jpg scream.jpg --data datasets/coco --together --name pair',
        'Both in checkpoints/pair.safetensors',
      )
      .example(
        '$0 train --add-to checkpoints/pair.safetensors --style iris.jpg --data datasets/coco --name three',
        'A third style, in a fraction of the time',
      )
      .example('$0 train --style wave.jpg --data datasets/coco --recipe johnson', "Johnson's own settings");
  },
  handler: async (args) => {
    const { trainPaintings } = await import('./style.ts');
    await trainPaintings(trainCall(args), args);
  },
};
