import type { ImportFileOptions } from '../networks/imported/import-file.ts';
import { byOptionNames } from './by-option-names.ts';
import { checkOptions, flag, givenOf, text } from './option-rows.ts';

/** Options of `fast-style styles import`. */
export type ImportOptions = ImportFileOptions;

const OPTIONS = {
  ...{ name: text, title: text, author: text, licence: text, out: text, overwrite: flag },
} satisfies Record<keyof ImportOptions, unknown>;

/**
 * Makes a style of a network that another program has trained (docs/import.md). Needs no TensorFlow.
 *
 * @param file a state dictionary of PyTorch, an ONNX file, or a checkpoint of TensorFlow (.ckpt, .index). @returns the path of the checkpoint.
 * @throws {ConfigError} an option that there is not or that cannot be used. {CheckpointError}, {WeightsError} the file holds no
 *   network that can be imported. {FileError} it cannot be read, or the checkpoint not be written.
 */
export async function importStyle(file: string, options: ImportOptions = {}): Promise<string> {
  checkOptions(OPTIONS, options, 'importStyle');
  const { importFile } = await import('../networks/imported/import-file.ts');
  return byOptionNames(Object.keys(OPTIONS), () => importFile(file, givenOf(options)));
}
