import type { Argv, CommandModule } from 'yargs';
import { IMPORT_SETTINGS } from '../../networks/imported/import-call.ts';
import { typedValues } from '../../system/settings.ts';
import { tell } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';

/** `styles import <file>`: a network that another program has trained as a style. */
export const stylesImportCommand: CommandModule<object, { readonly file: string }> = {
  command: 'import <file>',
  describe:
    "Make a style of a network of pytorch/examples' fast_neural_style or lengstrom/fast-style-transfer",
  builder: (yargs: Argv) => {
    const begun = yargs.positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'File of the network (.pth, .model, .onnx, .ckpt, .index)',
    });
    begun.options(callOptions(IMPORT_SETTINGS));
    return begun
      .example('$0 styles import mosaic.pth', 'From pytorch/examples, as checkpoints/mosaic.safetensors')
      .example('$0 styles import candy-9.onnx --name candy', 'From the ONNX model zoo')
      .example('$0 styles import la_muse.ckpt', 'From lengstrom/fast-style-transfer');
  },
  handler: async (args) => {
    const { importFile } = await import('../../networks/imported/import-file.ts');
    tell(await importFile(args.file, typedValues(IMPORT_SETTINGS, args)));
  },
};
