/** Where the paintings of a job's photos go, decided photo by photo as they are listed: all of them are never held at once. */
import { posix } from 'node:path';
import { PHOTO_EXTENSIONS, type PhotoFormat, photoFormat } from '../../data/picture-format.ts';

/** A photo and where its paintings go. */
export interface PlacedPhoto {
  readonly key: string;
  /** The painting's key without style and extension: `painted/holiday/a`. */
  readonly stem: string;
}

/** Extension and format of a painting, by its photo's name: the photo's own where it can be written. */
export function paintedAs(
  key: string,
  format: PhotoFormat | undefined,
): { readonly extension: string; readonly format: PhotoFormat } {
  const own = posix.extname(key);
  const isWritable = PHOTO_EXTENSIONS.includes(own.slice(1).toLowerCase());
  // A GIF's 256 colours serve no painting.
  const kept = /^\.(heic|heif|hif)$/i.test(own)
    ? 'jpeg'
    : isWritable && !/^\.gif$/i.test(own)
      ? photoFormat(key)
      : 'png';
  const chosen = format ?? kept;
  if (isWritable && photoFormat(key) === chosen) return { extension: own, format: chosen };
  return { extension: `.${EXTENSIONS[chosen] ?? chosen}`, format: chosen };
}

const EXTENSIONS: Readonly<Partial<Record<PhotoFormat, string>>> = { jpeg: 'jpg', tiff: 'tif' };

/**
 * Gives every photo a stem of its own. Where `a.jpg` and `a.png` would become one file, the second by name keeps its extension in it:
 * `a-png`. Photos of a folder come by name, so that only those that begin with `a.` need to be remembered meanwhile.
 */
export class PaintedNames {
  readonly #format: PhotoFormat | undefined;
  #recent: { readonly prefix: string; readonly taken: string }[] = [];

  constructor(format: PhotoFormat | undefined) {
    this.#format = format;
  }

  /**
   * @param folder that is written to. @param name the photo's place in it. @param isListed it comes by name among those of its folder;
   * any other is remembered to the end.
   */
  stemOf(folder: string, name: string, isListed: boolean): string {
    const own = posix.extname(name);
    const bare = own === '' ? name : name.slice(0, -own.length);
    const { extension } = paintedAs(name, this.#format);
    this.#recent = this.#recent.filter(({ prefix }) => name.startsWith(prefix));
    const isTaken = (stem: string) => this.#recent.some(({ taken }) => taken === keyOf(stem, extension));
    let stem = bare;
    if (isTaken(stem)) stem = `${bare}-${own.slice(1).toLowerCase()}`;
    for (let number = 2; isTaken(stem); number++) stem = `${bare}-${own.slice(1).toLowerCase()}-${number}`;
    this.#recent.push({ prefix: isListed ? `${bare}.` : '', taken: keyOf(stem, extension) });
    return folder === '/' ? stem : `${folder}${stem}`;
  }
}

const keyOf = (stem: string, extension: string) => `${stem}${extension}`.normalize('NFC').toLowerCase();
