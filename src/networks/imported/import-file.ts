import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { asFileError } from '../../system/atomic-file.ts';
import { ownVersion } from '../../system/own-version.ts';
import { readPlainFile } from '../../system/plain-file.ts';
import { valuesOf } from '../../system/settings.ts';
import { saveCheckpoint } from '../checkpoint.ts';
import { requireStyleName, styleNameOf } from '../style-name.ts';
import { IMPORT_SETTINGS, type ImportCall } from './import-call.ts';
import { importNetwork } from './import-network.ts';

/** Version 2 of TensorFlow's checkpoints is an index and, as long as nobody has split it, one file of numbers. */
const INDEX = /\.index$/;
const DATA = '.data-00000-of-00001';

/**
 * Writes a checkpoint of a network that another program has trained. What it was trained with is not known.
 *
 * @returns the path of the checkpoint. @throws as `importNetwork`. {ConfigError} the name cannot be used. {FileError} the file cannot
 *   be read, or the checkpoint not be written.
 */
export async function importFile(file: string, call: Partial<ImportCall> = {}): Promise<string> {
  const {
    name = styleNameOf(file.replace(INDEX, '')),
    title,
    author,
    licence,
    out,
    overwrite,
  } = valuesOf(IMPORT_SETTINGS, call);
  const path = join(out, `${requireStyleName(name, '--name')}.safetensors`);
  const bytes = await read(file);
  const dataFile = INDEX.test(file) ? file.replace(INDEX, DATA) : undefined;
  const data = dataFile === undefined ? undefined : await read(dataFile);
  const { architecture, parameters } = await importNetwork(bytes, file, data);
  const texts = { title, author, licence };
  const given = Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const description = {
    architecture,
    name,
    style: Object.fromEntries(given),
    training: {
      imported: {
        // The one that holds the numbers.
        file: basename(dataFile ?? file),
        sha256: createHash('sha256')
          .update(data ?? bytes)
          .digest('hex'),
      },
    },
    lossNetwork: {},
    steps: 0,
    images: 0,
    losses: {},
    software: { 'fast-style': ownVersion() },
  };
  await saveCheckpoint(path, description, parameters, { overwrite });
  return path;
}

function read(file: string): Promise<Buffer> {
  return readPlainFile(file).catch((error: unknown) => {
    throw asFileError(error, `read ${file}`);
  });
}
