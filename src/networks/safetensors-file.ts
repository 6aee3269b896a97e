import { asFileError } from '../system/atomic-file.ts';
import { readPlainFile } from '../system/plain-file.ts';
import { parseSafetensors, type SafetensorsFile } from './safetensors.ts';

/**
 * Reads a file of weights.
 *
 * @throws {FileError} it cannot be read. @throws {WeightsError} it is not a sound safetensors file.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  try {
    return parseSafetensors(await readPlainFile(path), path);
  } catch (error) {
    throw asFileError(error, `read ${path}`);
  }
}
