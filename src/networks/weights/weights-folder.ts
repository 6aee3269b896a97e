/** The folder in the user's cache where weights of loss networks lie, each as `<name>.safetensors`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asFileError } from '../../system/atomic-file.ts';
import { cacheFolder } from '../../system/cache-folder.ts';
import { ConfigError, expected, WeightsError } from '../../system/errors.ts';
import { ownCommand } from '../../system/own-command.ts';

const EXTENSION = '.safetensors';

export function weightsFolder(): string {
  return join(cacheFolder(), 'weights');
}

/** Where weights of that name lie, or would lie. @throws {ConfigError} it cannot be a file's name everywhere. */
export function weightsPath(name: string, folder: string = weightsFolder()): string {
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name)) {
    throw new ConfigError(
      expected('a name of letters, digits, dots and dashes for weights', name, 'use for instance vgg19'),
    );
  }
  return join(folder, name + EXTENSION);
}

/** Names of all weights in the folder, sorted; none when there is no folder. */
export async function storedWeightsNames(folder: string = weightsFolder()): Promise<readonly string[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw asFileError(error, `read ${folder}`);
  });
  return files
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

/** @throws {WeightsError} no weights of that name are there: the message says how to bring them in. */
export async function storedWeightsFile(name: string, folder: string = weightsFolder()): Promise<string> {
  const path = weightsPath(name, folder);
  const there = await storedWeightsNames(folder);
  if (there.includes(name)) return path;
  const fetch = name === 'vgg19' || name === 'vgg16' ? ownCommand(`weights fetch ${name}`) : undefined;
  throw new WeightsError(
    `There are no weights called ${name} in ${folder}${there.length > 0 ? ` (there are: ${there.join(', ')})` : ''};` +
      ` run ${fetch ? `'${fetch}' or ` : ''}'${ownCommand(`weights import <file> --name ${name}`)}',` +
      ' or give the path of a file.',
  );
}

/** What the shipped loss network is called: a small one, distilled from a VGG19 (docs/compact-loss-network.md). */
export const COMPACT = 'compact';

/** What is used where it is there, the first before the second. */
const USUAL = ['vgg19', 'vgg16'] as const;

const SHIPPED = fileURLToPath(new URL('../../../weights', import.meta.url));

/** Where weights of that name come with the program, if they do. */
export function shippedWeightsFile(name: string): string | undefined {
  return name === COMPACT ? join(SHIPPED, `${COMPACT}.safetensors`) : undefined;
}

/** The loss network of those who name none: VGG19 where it has been brought in, else VGG16, otherwise the compact one. */
export async function defaultLossNetwork(folder: string = weightsFolder()): Promise<string> {
  const there = await storedWeightsNames(folder);
  return USUAL.find((name) => there.includes(name)) ?? COMPACT;
}
