import type { Argv, CommandModule } from 'yargs';
import { SHEET_SETTINGS } from '../../paint/styles-sheet-call.ts';
import { typedValues } from '../../system/settings.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { tell } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';

/** `styles sheet <file>`: every available style, its painting next to what it makes of a photo. */
export const stylesSheetCommand: CommandModule<object, { readonly file: string }> = {
  command: 'sheet <file>',
  describe: 'Paint a photo in every available style, each next to its painting, on one sheet',
  builder: (yargs: Argv) => {
    const begun = yargs.positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'Sheet to write, in the format of its extension',
    });
    begun.options(callOptions(SHEET_SETTINGS));
    return begun.example('$0 styles sheet styles.jpg --photo photo.jpg', 'Which style suits a photo');
  },
  handler: async (args) => {
    const { file: out } = args;
    const { paintStylesSheet } = await import('../../paint/styles-sheet.ts');
    const bar = progressBar({ label: 'Painting', total: 1 });
    try {
      const call = { ...typedValues(SHEET_SETTINGS, args), out };
      await paintStylesSheet(call, {
        say: (line) => bar.say(line),
        onPainted(done, total) {
          bar.setTotal(total);
          bar.update(done);
        },
      });
    } finally {
      bar.stop();
    }
    tell(out);
  },
};
