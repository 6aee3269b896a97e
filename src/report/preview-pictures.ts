import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePicture, readPicture, resizePicture } from '../data/image-file.ts';
import type { Picture } from '../picture.ts';
import { PREVIEW_FILE, PREVIEWS } from '../train/run/run-folder.ts';

/** Longer side of a report's pictures, px. */
const REPORT_SIDE = 384;
/** Pictures of a photo, of all photos together, and photos at the most: some 50 kB each. */
const MOST_STEPS = 24;
const MOST_PICTURES = 80;
const MOST_PHOTOS = 12;

/** A photo of the report: what it was painted as, step by step, in base64 of WebP. */
export interface PreviewRow {
  readonly photo: string;
  readonly frames: readonly { readonly step: number; readonly picture: string }[];
}

export interface PreviewRows {
  readonly rows: readonly PreviewRow[];
  /** Photos for which there is no room. */
  readonly leftOut: number;
}

/** A picture as a report holds it: base64 of a WebP of at most 384 px. */
export async function reportPicture(picture: Picture): Promise<string> {
  const factor = Math.min(1, REPORT_SIDE / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side * factor)),
  );
  const small = await resizePicture(picture, width!, height!);
  return Buffer.from(await encodePicture(small, 'webp', 70)).toString('base64');
}

/** Reads a run's previews, shrinks them, and keeps those it may be asked for again. */
export class PreviewPictures {
  #known = new Map<string, string>();

  /** @param stands whether a preview of a step, written at a time (ms), still belongs to the run. */
  async read(folder: string, stands: (step: number, writtenAt: number) => boolean): Promise<PreviewRows> {
    const files = await this.#files(join(folder, PREVIEWS), stands);
    const names = [...new Set(files.map(({ photo }) => photo))].sort();
    const shown = names.slice(0, MOST_PHOTOS);
    const most = Math.min(MOST_STEPS, Math.floor(MOST_PICTURES / Math.max(1, shown.length)));
    const known = new Map<string, string>();
    const rows: PreviewRow[] = [];
    for (const photo of shown) {
      const frames: { step: number; picture: string }[] = [];
      const own = files.filter((file) => file.photo === photo).sort((a, b) => a.step - b.step);
      for (const { step, path, written } of fewer(own, most)) {
        const key = `${path} ${written}`;
        // One that cannot be read, as it is being replaced or damaged, is left out.
        const picture =
          this.#known.get(key) ?? (await readPicture(path).then(reportPicture, () => undefined));
        if (picture === undefined) continue;
        known.set(key, picture);
        frames.push({ step, picture });
      }
      if (frames.length > 0) rows.push({ photo, frames });
    }
    this.#known = known;
    return { rows, leftOut: names.length - shown.length };
  }

  async #files(folder: string, stands: (step: number, writtenAt: number) => boolean) {
    const found: { photo: string; step: number; path: string; written: number }[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      const [, photo, digits] = PREVIEW_FILE.exec(name) ?? [];
      if (photo === undefined) continue;
      const path = join(folder, name);
      const written = (await stat(path).catch(() => undefined))?.mtimeMs;
      const step = Number(digits);
      if (written !== undefined && stands(step, written)) found.push({ photo, step, path, written });
    }
    return found;
  }
}

/**
 * At most so many of a row, its last included. Every 1st, 2nd, 4th … is taken, so that a row that grows keeps its
 * pictures.
 */
export function fewer<T>(row: readonly T[], most: number): T[] {
  let every = 1;
  while (Math.ceil(row.length / every) > most - 1 && row.length > most) every *= 2;
  return row.filter((_, i) => i % every === 0 || i === row.length - 1);
}
