import type { Argv, CommandModule } from 'yargs';
import { SAMPLE } from '../../data/sample-photos.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';

interface SheetArguments {
  readonly file: string;
  readonly photo: string;
  readonly overwrite: boolean;
}

/** `styles sheet <file>`: every available style, its painting next to what it makes of a photo. */
export const stylesSheetCommand: CommandModule<object, SheetArguments> = {
  command: 'sheet <file>',
  describe: 'Paint a photo in every available style, each next to its painting, on one sheet',
  builder: (yargs: Argv) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'Sheet to write, in the format of its extension',
      })
      .option('photo', {
        type: 'string',
        default: SAMPLE,
        defaultDescription: "the project's sample",
        describe: 'The photo to paint',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an existing file' })
      .example('$0 styles sheet styles.jpg --photo photo.jpg', 'Which style suits a photo'),
  handler: async ({ file, photo, overwrite }) => {
    const { writeStylesSheet } = await import('../../judge/styles-sheet.ts');
    let bar: ProgressBar | undefined;
    try {
      await writeStylesSheet(
        { file, photo, overwrite },
        {
          say,
          onProgress: (done, total) => {
            bar ??= progressBar({ label: 'Painting', total });
            bar.update(done);
          },
        },
      );
    } finally {
      bar?.stop();
    }
    tell(file);
  },
};
