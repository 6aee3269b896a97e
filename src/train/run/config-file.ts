import { asFileError } from '../../system/atomic-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { isRecord, JsonFault, parseJson } from '../../system/json-text.ts';
import { readPlainText } from '../../system/plain-file.ts';

/** What a file with settings of training says, unchecked. @throws {FileError} it cannot be read. {ConfigError} it is no JSON object. */
export async function readConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readPlainText(path).catch((error: unknown) => {
    throw asFileError(error, `read the configuration ${path}`);
  });
  try {
    const value = parseJson(text);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new ConfigError(expected(`JSON in ${path}`, error.message), { cause: error });
  }
  throw new ConfigError(expected(`a JSON object in ${path}`, text.slice(0, 40)));
}
