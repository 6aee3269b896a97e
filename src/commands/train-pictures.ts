/** Reads the pictures that a run needs, so that what is wrong with one shows before anything is computed. */
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePicture, readPicture } from '../data/image-file.ts';
import type { PixelPicture } from '../engine/pixels.ts';
import { ConfigError, expected, ImageError } from '../errors.ts';
import type { NamedPainting } from './train-subject.ts';

/** Longer side of the sample that the guard looks at, px. */
const SAMPLE_SIDE = 192;
const SAMPLE = fileURLToPath(new URL('../../samples/harbour.jpg', import.meta.url));

export interface ReadPainting extends NamedPainting {
  readonly painting: PixelPicture;
  /** A small JPEG of it, base64. */
  readonly thumbnail: string;
}

/** @throws {ImageError} a painting cannot be read. */
export async function readPaintings(
  paintings: readonly NamedPainting[],
  styleSize: number,
): Promise<readonly ReadPainting[]> {
  const read: ReadPainting[] = [];
  for (const { name, file } of paintings) {
    const painting = await readPicture(file, { longSide: styleSize });
    const small = await encodePicture(await readPicture(file, { longSide: 160 }), 'jpeg', 80);
    read.push({ name, file, painting, thumbnail: Buffer.from(small).toString('base64') });
  }
  return read;
}

export interface PreviewPhoto {
  readonly name: string;
  readonly picture: PixelPicture;
}

/**
 * Photos to preview; the project's sample unless some are given.
 *
 * @throws {ConfigError} two of one name. {ImageError} one cannot be read or is too small.
 */
export async function readPreviewPhotos(
  paths: readonly string[] = [SAMPLE],
  smallest: number,
): Promise<readonly PreviewPhoto[]> {
  const photos = await Promise.all(
    paths.map(async (path) => ({
      path,
      name: basename(path, extname(path)),
      picture: await readPicture(path, { longSide: 768 }),
    })),
  );
  const names = photos.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(expected('preview photos of different names', `two that are called ${twice}`));
  for (const { path, picture } of photos) {
    if (Math.min(picture.width, picture.height) < smallest)
      throw new ImageError(
        expected(
          `a preview photo of at least ${smallest} px in height and width`,
          `${path}: ${picture.width}×${picture.height} px with its longer side at 768`,
        ),
      );
  }
  return photos;
}

/** The photo that the guard has painted now and then. */
export function readSample(smallest: number): Promise<PixelPicture> {
  return readPicture(SAMPLE, { longSide: Math.max(SAMPLE_SIDE, 2 * smallest) });
}
