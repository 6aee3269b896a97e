import type { Argv, CommandModule } from 'yargs';
import { REPORT_SETTINGS } from '../../report/report-call.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { tell } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';

export const reportCommand: CommandModule<object, { readonly run: string }> = {
  ...HEADS.report,
  builder: (yargs: Argv) => {
    const begun = yargs.positional('run', {
      type: 'string',
      demandOption: true,
      describe: "The run's folder",
    });
    begun.options(callOptions(REPORT_SETTINGS));
    return begun.example('$0 report runs/wave', 'Writes runs/wave/report.html from log and previews');
  },
  handler: async (args) => {
    const { rewriteReport } = await import('../../report/run-report.ts');
    const { report, tensorboard } = await rewriteReport(args.run, typedValues(REPORT_SETTINGS, args));
    tell(report);
    if (tensorboard !== undefined) tell(tensorboard);
  },
};
