import type { Argv, CommandModule } from 'yargs';
import { QUALITIES, type Quality } from '../../train/config.ts';
import { TRAIN_RECIPES, type TrainRecipeName } from '../../train/recipes.ts';
import { CALL_DEFAULTS } from '../../train/run/call-settings.ts';
import { MOST_USED } from '../../train/settings.ts';
import { type TrainArguments, trainCall, trainConfigFlags } from './call.ts';

export const trainCommand: CommandModule<object, TrainArguments> = {
  command: 'train',
  describe: 'Train networks that paint in the style of paintings',
  builder: (yargs: Argv) => {
    // The order is that of --help: what most trainings need, then all else. The configuration's options are added separately, as they are
    // typed by it and not by the parser.
    const { strength, 'style-size': styleSize, ...others } = trainConfigFlags;
    const begun = yargs
      .option('style', {
        type: 'string',
        array: true,
        demandOption: true,
        group: MOST_USED,
        describe: 'The painting; several are trained one after the other',
      })
      .option('data', {
        type: 'string',
        group: MOST_USED,
        describe: 'Data set of photos (dataset build)',
        defaultDescription: 'synthetic pictures, made at first use',
      })
      .option('name', {
        type: 'string',
        group: MOST_USED,
        describe: "Name of the checkpoint; the painting's file name unless given",
      })
      .option('quality', {
        choices: Object.keys(QUALITIES) as readonly Quality[],
        conflicts: 'recipe',
        group: MOST_USED,
        describe: 'How long to train: minutes, a break, a night; options override it',
        defaultDescription: 'good',
      });
    begun.options({ strength: strength!, 'style-size': styleSize! });
    const most = begun
      .option('resume', {
        type: 'boolean',
        default: CALL_DEFAULTS.resume,
        group: MOST_USED,
        describe: 'Continue exactly where the run in --run stopped',
      })
      .option('plan', {
        type: 'boolean',
        default: CALL_DEFAULTS.plan,
        group: MOST_USED,
        describe: 'Print what memory, time and disk the run would take, and stop',
      });
    most.options(others);
    return most
      .option('together', {
        type: 'boolean',
        default: CALL_DEFAULTS.together,
        group: 'Network:',
        describe: 'Train all paintings in one network; its styles can be mixed',
      })
      .option('add-to', {
        type: 'string',
        group: 'Network:',
        describe: 'Add the painting to the network in this file',
      })
      .option('style-name', {
        type: 'string',
        array: true,
        group: 'Output:',
        describe: 'With --together or --add-to: names of the styles in the file',
        defaultDescription: "the paintings' file names",
      })
      .option('out', {
        type: 'string',
        default: CALL_DEFAULTS.out,
        group: 'Output:',
        describe: 'Folder for <name>.safetensors',
      })
      .option('run', {
        type: 'string',
        group: 'Output:',
        describe: 'Folder of the run; with several paintings, the parent of their folders',
        defaultDescription: 'runs/<name>',
      })
      .option('config', {
        type: 'string',
        describe: 'JSON file of settings by these names in camelCase; options override it',
      })
      .option('recipe', {
        choices: Object.keys(TRAIN_RECIPES) as TrainRecipeName[],
        group: 'Optimisation:',
        describe: "A published program's settings and units (docs/training.md); options override them",
      })
      .option('from', {
        type: 'string',
        group: 'Optimisation:',
        describe: 'Style to start from, a name or file; --architecture may be wider. none: random weights',
        defaultDescription: 'great-wave, if --architecture allows',
      })
      .option('epochs', {
        type: 'number',
        group: 'Optimisation:',
        conflicts: 'steps',
        describe: 'Passes through the data set, instead of --steps',
      })
      .option('preview-every', {
        type: 'number',
        default: CALL_DEFAULTS.previewEvery,
        group: 'Output:',
        describe: 'Steps between previews; 0 for none',
      })
      .option('preview-photo', {
        type: 'string',
        array: true,
        group: 'Output:',
        describe: 'Photos to preview',
        defaultDescription: "the project's sample",
      })
      .option('checkpoint-every', {
        type: 'number',
        default: CALL_DEFAULTS.checkpointEvery,
        group: 'Output:',
        describe: 'Steps between saved states and checkpoints',
      })
      .option('save-minutes', {
        type: 'number',
        default: CALL_DEFAULTS.saveMinutes,
        group: 'Output:',
        describe: 'Longest time between saved states and checkpoints, in minutes',
      })
      .option('keep', {
        type: 'number',
        default: CALL_DEFAULTS.keep,
        group: 'Output:',
        describe: 'Saved states to keep; older ones are removed',
      })
      .option('tensorboard', {
        type: 'boolean',
        default: false,
        group: 'Output:',
        describe: 'Write event files for TensorBoard; `report --tensorboard` writes them later',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        group: 'Output:',
        describe: 'Print a JSON object per line on standard output',
      })
      .option('ignore-plan', {
        type: 'boolean',
        default: CALL_DEFAULTS.ignorePlan,
        describe: 'Start even if memory or disk seem too small',
      })
      .option('precision', {
        choices: ['auto', 'f32', 'bf16'],
        default: CALL_DEFAULTS.precision,
        group: 'Engine:',
        describe: 'Arithmetic; auto measures which is faster',
      })
      .option('engine', {
        choices: ['compiled', 'eager'],
        default: CALL_DEFAULTS.engine,
        group: 'Engine:',
        describe: 'eager runs op by op, for debugging',
      })
      .option('accumulate', {
        type: 'number',
        default: CALL_DEFAULTS.accumulate,
        group: 'Engine:',
        describe: 'Compute each batch in this many parts, in the memory of one',
      })
      .option('overwrite', {
        type: 'boolean',
        default: CALL_DEFAULTS.overwrite,
        describe: 'Replace an earlier run or checkpoint of this name',
      })
      .option('margin', {
        type: 'number',
        group: 'Output:',
        describe: 'Width of the mirrored margin around photos, px (see styles check)',
        defaultDescription: 'none',
      })
      .option('title', {
        type: 'string',
        group: 'Output:',
        describe: "The painting's title, stored in the checkpoint",
      })
      .option('author', { type: 'string', group: 'Output:', describe: 'Who painted it' })
      .option('licence', {
        type: 'string',
        group: 'Output:',
        describe: "The painting's licence, for instance 'public domain'",
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
