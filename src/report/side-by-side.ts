import { resizePicture } from '../data/image-file.ts';
import type { Picture } from '../picture.ts';

/** Pictures in a row, all of the height of the lowest; one alone stays as it is. */
export async function sideBySide(pictures: readonly Picture[]): Promise<Picture> {
  if (pictures.length === 1) return pictures[0]!;
  const height = Math.min(...pictures.map((picture) => picture.height));
  const row = await Promise.all(
    pictures.map((picture) =>
      resizePicture(picture, Math.max(1, Math.round((picture.width * height) / picture.height)), height),
    ),
  );
  const width = row.reduce((sum, picture) => sum + picture.width, 0);
  const pixels = new Uint8Array(width * height * 3);
  let left = 0;
  for (const picture of row) {
    const line = picture.width * 3;
    for (let y = 0; y < height; y++)
      pixels.set(picture.pixels.subarray(y * line, (y + 1) * line), (y * width + left) * 3);
    left += picture.width;
  }
  return { pixels, width, height };
}
