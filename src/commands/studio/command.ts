import type { Argv, CommandModule } from 'yargs';
import { HEADS } from '../shared/heads.ts';
import type { StudioArguments } from './run.ts';

/** `studio`: a page on this machine for all that one does with pictures. */
export const studioCommand: CommandModule<object, StudioArguments> = {
  ...HEADS.studio,
  builder: (yargs: Argv) =>
    yargs
      .option('port', { type: 'number', default: 0, describe: 'Port on this machine; 0 takes a free one' })
      .option('folder', {
        type: 'string',
        describe: 'Where photos, jobs, results and styles are kept',
        defaultDescription: "fast-style/studio in the user's data folder",
      })
      .option('open', { type: 'boolean', default: true, describe: 'Open the page in the browser' })
      .option('data', {
        type: 'string',
        describe: 'Data set that styles are trained on (dataset build)',
        defaultDescription: 'synthetic pictures, made at first use',
      })
      .option('config', { type: 'string', describe: 'JSON file with settings for all trainings' })
      .example('$0 studio', 'Open the studio'),
  handler: async (args) => {
    const { runStudio } = await import('./run.ts');
    await runStudio(args);
  },
};
