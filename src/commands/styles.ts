import type { Argv, CommandModule } from 'yargs';
import { FastStyleError } from '../errors.ts';
import { stylesCheckCommand } from './styles-check.ts';

/** `styles` lists; `styles inspect <name>` prints what a checkpoint says of itself; `styles check <name>` looks for faults. */
export const stylesCommand: CommandModule = {
  command: 'styles',
  describe: 'List the trained styles, inspect one, or look for faults in it',
  builder: (yargs: Argv) =>
    yargs
      .command({
        command: 'inspect <style>',
        describe: 'Print what a checkpoint says of itself, as JSON',
        builder: (inner: Argv) =>
          inner.positional('style', {
            type: 'string',
            demandOption: true,
            describe: 'Name of a style or a .safetensors file',
          }),
        handler: async ({ style: reference }) => {
          const { resolveStyle } = await import('../infer/open-style.ts');
          const { readCheckpoint } = await import('../networks/checkpoint.ts');
          const { styleOf } = await import('../networks/style-entries.ts');
          const { path, style } = await resolveStyle(String(reference));
          const whole = await readCheckpoint(path);
          const isOne = style === undefined || whole.styles === undefined;
          const {
            parameters,
            layers: _,
            thumbnail,
            styles,
            ...description
          } = isOne ? whole : styleOf(whole, style, path);
          const weights = parameters.reduce((sum, { values }) => sum + values.length, 0);
          const shown = {
            ...description,
            ...(styles && {
              styles: styles.map((entry) => ({ ...entry, thumbnail: sizeOf(entry.thumbnail) })),
            }),
            weights,
            ...(styles === undefined && { thumbnail: sizeOf(thumbnail) }),
          };
          process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
        },
      })
      .command(stylesCheckCommand)
      .example('$0 styles inspect great-wave', 'Where a style comes from and how it was trained'),
  handler: async () => {
    const { availableStyles } = await import('../infer/find-style.ts');
    const { readCheckpoint } = await import('../networks/checkpoint.ts');
    const styles = await availableStyles();
    if (styles.size === 0) process.stderr.write('No styles yet; train one with: fast-style train\n');
    for (const [name, file] of styles) {
      try {
        const { architecture, images, style, styles: several } = await readCheckpoint(file);
        const entries = several?.map((entry) => ({ ...entry, name: `${name}:${entry.name}` })) ?? [
          { name, style },
        ];
        for (const entry of entries) {
          const { title, file: painting = '' } = entry.style;
          process.stdout.write(
            `${entry.name}\t${title ?? painting}\t${images} images\t${architecture}\t${file}\n`,
          );
        }
      } catch (error) {
        // One file that is none of ours must not hide the others.
        if (!(error instanceof FastStyleError)) throw error;
        process.stderr.write(`${name}: ${error.message}\n`);
      }
    }
  },
};

function sizeOf(thumbnail: string | undefined): string {
  return thumbnail === undefined ? 'none' : `JPEG, ${Buffer.from(thumbnail, 'base64').length} bytes`;
}
