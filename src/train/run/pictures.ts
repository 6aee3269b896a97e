/** Reads the pictures that a run needs, so that what is wrong with one shows before anything is computed. */
import { decodePicture, encodePicture, type ReadOptions, readPicture } from '../../data/image-file.ts';
import { SAMPLE } from '../../data/sample-photos.ts';
import type { Picture } from '../../picture.ts';
import type { NamedPainting } from './subject.ts';

/** Longer side of the sample that the guard looks at, px. */
const SAMPLE_SIDE = 192;

export interface ReadPainting extends NamedPainting {
  readonly painting: Picture;
  /** A small JPEG of it, base64. */
  readonly thumbnail: string;
}

/** @throws {ImageError} a painting cannot be read. */
export async function readPaintings(
  paintings: readonly NamedPainting[],
  styleSize: number,
): Promise<readonly ReadPainting[]> {
  const read: ReadPainting[] = [];
  for (const { name, file, bytes } of paintings) {
    const picture = (options: ReadOptions) =>
      bytes === undefined ? readPicture(file, options) : decodePicture(bytes, file, options);
    const painting = await picture({ longSide: styleSize });
    const small = await encodePicture(await picture({ longSide: 160 }), 'jpeg', 80);
    read.push({ name, file, painting, thumbnail: Buffer.from(small).toString('base64') });
  }
  return read;
}

/** The photo that the guard has painted now and then. */
export function readSample(smallest: number): Promise<Picture> {
  return readPicture(SAMPLE, { longSide: Math.max(SAMPLE_SIDE, 2 * smallest) });
}
