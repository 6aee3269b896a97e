import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** From any working folder. */
function absolute(module: string): string {
  return module.startsWith('./') ? pathToFileURL(resolve(root, module)).href : import.meta.resolve(module);
}

/**
 * Options of Node with which a process of its own loads our sources as this one does: compiled already in `npm test`, where tsx would
 * take a second of processor time to compile them again.
 */
export const AS_LOADED: readonly string[] = process.execArgv.flatMap((word, i, words) =>
  word === '--import' ? [word, absolute(words[i + 1]!)] : [],
);
