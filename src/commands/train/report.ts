import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { expected, FileError } from '../../system/errors.ts';
import { LOG } from '../../train/run/run-folder.ts';
import { tell } from '../shared/say.ts';

interface ReportArguments {
  readonly run: string;
  readonly tensorboard: boolean;
}

export const reportCommand: CommandModule<object, ReportArguments> = {
  command: 'report <run>',
  describe: "Write a training run's report again",
  builder: (yargs: Argv) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: "The run's folder" })
      .option('tensorboard', {
        type: 'boolean',
        default: false,
        describe: "Also write TensorBoard's event files again",
      })
      .example('$0 report runs/wave', 'Writes runs/wave/report.html from log and previews'),
  handler: async ({ run, tensorboard }) => {
    if (!(await stat(join(run, LOG)).catch(() => undefined))?.isFile())
      throw new FileError(expected(`a training run's folder with its ${LOG}`, run));
    const { writeReport } = await import('../../report/run-report.ts');
    tell(await writeReport(run));
    if (!tensorboard) return;
    const { rewriteTensorBoard } = await import('../../report/tensorboard.ts');
    tell(await rewriteTensorBoard(run));
  },
};
