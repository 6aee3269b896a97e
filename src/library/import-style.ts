import type { ImportFileOptions } from '../networks/imported/import-file.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { byOptionNames } from './by-option-names.ts';
import { requireKnown } from './known-options.ts';

/** Options of `fast-style styles import`. */
export type ImportOptions = ImportFileOptions;

const KNOWN = {
  ...{ name: true, title: true, author: true, licence: true, out: true, overwrite: true },
} satisfies Record<keyof ImportOptions, true>;

/**
 * Makes a style of a network that another program has trained (docs/import.md). Needs no TensorFlow.
 *
 * @param file a state dictionary of PyTorch, or an ONNX file. @returns the path of the checkpoint.
 * @throws {ConfigError} an option that there is not or that cannot be used. {CheckpointError}, {WeightsError} the file holds no
 *   network that can be imported. {FileError} it cannot be read, or the checkpoint not be written.
 */
export async function importStyle(file: string, options: ImportOptions = {}): Promise<string> {
  const names = Object.keys(KNOWN);
  requireKnown(options, names);
  for (const [name, value] of Object.entries(options)) {
    const wanted = name === 'overwrite' ? 'boolean' : 'string';
    if (value !== undefined && typeof value !== wanted)
      throw new ConfigError(
        expected(wanted === 'string' ? `a text for ${name}` : `true or false for ${name}`, value),
      );
  }
  const { importFile } = await import('../networks/imported/import-file.ts');
  return byOptionNames(names, () => importFile(file, options));
}
