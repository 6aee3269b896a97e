import type { Argv, CommandModule } from 'yargs';
import type { ImportFileOptions } from '../../networks/imported/import-file.ts';
import { tell } from '../shared/say.ts';

type ImportArguments = { readonly file: string } & ImportFileOptions;

/** `styles import <file>`: a network that another program has trained as a style. */
export const stylesImportCommand: CommandModule<object, ImportArguments> = {
  command: 'import <file>',
  describe:
    "Make a style of a network of pytorch/examples' fast_neural_style or lengstrom/fast-style-transfer",
  builder: (yargs: Argv) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'File of the network (.pth, .model, .onnx, .ckpt, .index)',
      })
      .option('name', { type: 'string', describe: "The style's name; that of the file unless given" })
      .option('title', { type: 'string', describe: "The painting's title, stored in the checkpoint" })
      .option('author', { type: 'string', describe: 'Who painted it' })
      .option('licence', { type: 'string', describe: "The network's licence, as its authors name it" })
      .option('out', { type: 'string', default: 'checkpoints', describe: 'Folder for <name>.safetensors' })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace an existing file' })
      .example('$0 styles import mosaic.pth', 'From pytorch/examples, as checkpoints/mosaic.safetensors')
      .example('$0 styles import candy-9.onnx --name candy', 'From the ONNX model zoo')
      .example('$0 styles import la_muse.ckpt', 'From lengstrom/fast-style-transfer'),
  handler: async ({ file, name, title, author, licence, out, overwrite }) => {
    const { importFile } = await import('../../networks/imported/import-file.ts');
    tell(await importFile(file, { name, title, author, licence, out, overwrite }));
  },
};
