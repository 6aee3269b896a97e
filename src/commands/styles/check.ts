import type { Argv, CommandModule } from 'yargs';
import { CHECK_SETTINGS, type CheckCall } from '../../judge/check-call.ts';
import type { Measure } from '../../quality/faults.ts';
import { FastStyleError } from '../../system/errors.ts';
import { typedValues } from '../../system/settings.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';
import { checkTable } from './check-table.ts';

/** What is typed besides the settings of a check. */
interface CheckArguments extends Pick<CheckCall, 'style' | 'lossNetwork' | 'margin'> {
  readonly painting?: string | undefined;
  readonly json: boolean;
}

/** A style has faults: the table says which, the exit code tells scripts. */
class FaultyStyleError extends FastStyleError {}

const { photos, crops } = callOptions(CHECK_SETTINGS);

/** `styles check <style>`: paints even pictures and photos and measures what should not be there. */
export const stylesCheckCommand: CommandModule<object, CheckArguments> = {
  command: 'check <style>',
  describe: 'Check a style for checkerboards, borders, blobs, dots, and lost colours, strokes or photos',
  builder: (yargs: Argv) => {
    const begun = yargs.positional('style', {
      type: 'string',
      demandOption: true,
      describe: 'Name of a style or a .safetensors file',
    });
    begun.options({ photos: photos! });
    const most = begun
      .option('painting', {
        type: 'string',
        describe: 'The painting, for its colours and strokes',
        defaultDescription: 'the thumbnail in the checkpoint, for colours only',
      })
      .option('loss-network', {
        type: 'string',
        describe: 'Name or file of the loss network that judges strokes and photo',
        defaultDescription: 'vgg19 if stored, else vgg16',
      });
    most.options({ crops: crops! });
    return most
      .option('margin', {
        type: 'number',
        describe: 'Width of the mirrored margin, px; 16 may cure borders',
        defaultDescription: "the style's own",
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the measures as JSON' })
      .example('$0 styles check great-wave --photos holiday/', 'Measures and limits; exit code 1 for faults');
  },
  handler: async (args) => {
    const { style, painting, lossNetwork, margin, json } = args;
    const call = { ...typedValues(CHECK_SETTINGS, args), style, painting, lossNetwork, margin };
    const { styleCheck } = await import('../../judge/check-style.ts');
    let bar: ProgressBar | undefined;
    try {
      const found = await styleCheck(call, {
        say,
        onBegin() {
          bar = progressBar({ label: 'Painting', total: call.crops });
        },
        onPainted(done, total) {
          bar?.setTotal(total);
          bar?.update(done);
        },
      });
      bar?.stop();
      process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : checkTable(found));
      report(style, found.measures);
    } finally {
      bar?.stop();
    }
  },
};

function report(style: string, measures: readonly Measure[]): void {
  const faults = measures.filter(({ ok }) => !ok);
  if (faults.length > 0)
    throw new FaultyStyleError(
      `${style} has ${faults.length} of ${measures.length} faults: ${faults.map(({ fault }) => fault).join('; ')}.`,
    );
}
