/** What ships of the folders that a user's own styles, weights and pictures lie in, too: what package.json lists. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders, of which package.json names every file. */
export const LISTED_FOLDERS: readonly string[] = ['checkpoints', 'weights', 'samples'];

const { files } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
) as { files: readonly string[] };

/** Their files, as paths from the repository's folder. */
export const listedFiles: readonly string[] = files.filter((path) =>
  LISTED_FOLDERS.some((folder) => path.startsWith(`${folder}/`)),
);

/** File names of the styles, in checkpoints/. */
export const shippedStyles: readonly string[] = listedFiles
  .filter((path) => path.startsWith('checkpoints/'))
  .map((path) => basename(path));
