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
        handler: async ({ style }) => {
          const { findStyle } = await import('../infer/find-style.ts');
          const { loadCheckpoint } = await import('../networks/checkpoint.ts');
          const {
            parameters,
            layers: _,
            thumbnail,
            ...description
          } = await loadCheckpoint(await findStyle(String(style)));
          const weights = parameters.reduce((sum, { values }) => sum + values.length, 0);
          const size =
            thumbnail === undefined ? 'none' : `JPEG, ${Buffer.from(thumbnail, 'base64').length} bytes`;
          process.stdout.write(`${JSON.stringify({ ...description, weights, thumbnail: size }, null, 2)}\n`);
        },
      })
      .command(stylesCheckCommand)
      .example('$0 styles inspect great-wave', 'Where a style comes from and how it was trained'),
  handler: async () => {
    const { availableStyles } = await import('../infer/find-style.ts');
    const { loadCheckpoint } = await import('../networks/checkpoint.ts');
    const styles = await availableStyles();
    if (styles.size === 0) process.stderr.write('No styles yet; train one with: fast-style train\n');
    for (const [name, file] of styles) {
      try {
        const { architecture, images, style } = await loadCheckpoint(file);
        process.stdout.write(
          `${name}\t${style.title ?? style.file ?? ''}\t${images} images\t${architecture}\t${file}\n`,
        );
      } catch (error) {
        // One file that is none of ours must not hide the others.
        if (!(error instanceof FastStyleError)) throw error;
        process.stderr.write(`${name}: ${error.message}\n`);
      }
    }
  },
};
