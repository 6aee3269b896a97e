import { readCheckpoint } from '../networks/checkpoint.ts';
import { FastStyleError } from '../system/errors.ts';
import { availableStyles } from './find-style.ts';

export interface ListedStyle {
  /** As it is called: `great-wave`, or `trio:wave` in a file of several. */
  readonly name: string;
  /** The painting: title, author, licence and file, as far as they are known. */
  readonly style: Readonly<Record<string, string>>;
  /** A small JPEG of the painting, in base64. */
  readonly thumbnail: string | undefined;
  readonly path: string;
}

/**
 * The available styles with what their files say of the paintings, as `fast-style styles` lists them.
 *
 * @param onNote takes a line about each file that is no style, which does not hide the others.
 */
export async function listStyles({
  onNote = () => undefined,
}: {
  readonly onNote?: ((line: string) => void) | undefined;
} = {}): Promise<readonly ListedStyle[]> {
  const found: ListedStyle[] = [];
  for (const [name, path] of await availableStyles()) {
    try {
      const { style, thumbnail, styles } = await readCheckpoint(path);
      const several = styles?.map((entry) => ({ ...entry, name: `${name}:${entry.name}` }));
      for (const entry of several ?? [{ name, style, thumbnail }])
        found.push({ name: entry.name, style: entry.style, thumbnail: entry.thumbnail, path });
    } catch (error) {
      if (!(error instanceof FastStyleError)) throw error;
      onNote(`${name}: ${error.message}`);
    }
  }
  return found;
}
