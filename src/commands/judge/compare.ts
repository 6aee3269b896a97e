import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { COMPARE_SETTINGS, type CompareCall } from '../../judge/compare-call.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { callOptions } from '../shared/setting-options.ts';

/** What is typed besides the settings of a comparison. */
interface CompareArguments extends Pick<CompareCall, 'style' | 'photos' | 'lossNetwork'> {
  readonly painting: string;
  readonly out?: string | undefined;
}

const { precision, overwrite, ...settings } = callOptions(COMPARE_SETTINGS);

export const compareCommand: CommandModule<object, CompareArguments> = {
  ...HEADS.compare,
  builder: (yargs: Argv) => {
    // The order is that of --help. The settings' options are added separately, as they are typed by their table and not by the parser.
    const begun = yargs
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
      });
    begun.options(settings);
    const most = begun.option('loss-network', {
      type: 'string',
      describe: 'Name or file of the loss network to judge with',
      defaultDescription: "the style's own if stored, else vgg19, vgg16 or compact",
    });
    most.options({ precision: precision!, overwrite: overwrite! });
    return most
      .example(
        '$0 compare --style great-wave --photos photos/ --painting wave.jpg',
        'Tables and a contact sheet in compare/great-wave',
      )
      .epilogue('Ctrl-C writes the report of the finished photos and exits with code 130.');
  },
  handler: async (args) => {
    const { style, photos, painting, lossNetwork, out = (name: string) => join('compare', name) } = args;
    const call = { ...typedValues(COMPARE_SETTINGS, args), style, photos, painting, lossNetwork, out };
    const { compareOnScreen } = await import('./compare-run.ts');
    await compareOnScreen(call);
  },
};
