import type { Argv, CommandModule } from 'yargs';
import { FLICKER_SETTINGS, type FlickerCall } from '../../judge/flicker-call.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { printJson } from '../shared/json-lines.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { callOptions } from '../shared/setting-options.ts';
import { flickerTable } from './flicker-table.ts';

/** What is typed besides the settings of a measurement. */
interface FlickerArguments extends Pick<FlickerCall, 'video' | 'style' | 'painted'> {
  readonly json: boolean;
}

export const flickerCommand: CommandModule<object, FlickerArguments> = {
  ...HEADS.flicker,
  builder: (yargs: Argv) => {
    const begun = yargs
      .positional('video', { type: 'string', demandOption: true, describe: 'The unpainted video' })
      .option('style', { alias: 's', type: 'string', describe: 'Paint it in this style' })
      .option('painted', { type: 'string', describe: 'Measure this painted version of the video' });
    begun.options(callOptions(FLICKER_SETTINGS));
    return begun
      .option('json', { type: 'boolean', default: false, describe: 'Print the figures as JSON' })
      .example(
        '$0 flicker clip.mp4 --style great-wave',
        'Frame by frame, compared with --steady light and strong',
      )
      .example('$0 flicker clip.mp4 --painted painted.mp4', 'A video painted by any program');
  },
  handler: async (args) => {
    const { video, style, painted, json } = args;
    const call = { ...typedValues(FLICKER_SETTINGS, args), video, style, painted };
    const { flickerOf } = await import('../../judge/measure-flicker.ts');
    let bar: ProgressBar | undefined;
    const onBegin = () => {
      bar = progressBar({ label: 'Frames', total: call.frames });
    };
    const report = await flickerOf(call, { onBegin, onFrame: (done) => bar?.update(done) }).finally(() =>
      bar?.stop(),
    );
    if (json) printJson({ ...report });
    else process.stdout.write(flickerTable(report));
  },
};
