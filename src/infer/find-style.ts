import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CheckpointError, expected } from '../system/errors.ts';
import { ownCommand } from '../system/own-command.ts';

const EXTENSION = '.safetensors';

/** The folder of the styles that ship with the program. */
const SHIPPED = fileURLToPath(new URL('../../checkpoints', import.meta.url));

/** Where styles are looked for by name: what the user has trained here, then what ships with the program. */
export function styleFolders(): readonly string[] {
  return ['checkpoints', SHIPPED];
}

/** The file of a style that ships with the program, whatever the user's own are called. */
export function shippedStyle(name: string): string {
  return join(SHIPPED, `${name}${EXTENSION}`);
}

/** Names and files of all styles that can be called by name; the first folder wins. */
export async function availableStyles(
  folders: readonly string[] = styleFolders(),
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(EXTENSION)).sort();
    for (const file of files) {
      const name = basename(file, EXTENSION);
      if (!found.has(name)) found.set(name, join(folder, file));
    }
  }
  return found;
}

/**
 * The file of a style given by name (`great-wave`) or as a path.
 *
 * @throws {CheckpointError} there is none; the message lists those that there are.
 */
export async function findStyle(
  nameOrFile: string,
  folders: readonly string[] = styleFolders(),
): Promise<string> {
  const looksLikePath = extname(nameOrFile) === EXTENSION || /[\\/]/.test(nameOrFile);
  if (looksLikePath) {
    const there = await stat(nameOrFile).catch(() => undefined);
    if (there?.isFile()) return nameOrFile;
  }
  const styles = await availableStyles(folders);
  const path = styles.get(nameOrFile);
  if (path !== undefined) return path;
  const names = [...styles.keys()].join(', ') || `none yet: train one with ${ownCommand('train')}`;
  throw new CheckpointError(
    expected('the name or file of a trained style', nameOrFile, `available styles: ${names}`),
  );
}
