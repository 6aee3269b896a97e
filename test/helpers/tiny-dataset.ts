import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPhotoDataset } from '../../src/data/build-dataset.ts';
import { encodePicture, type PictureFormat } from '../../src/data/image-file.ts';
import { random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';

/** A picture of soft waves of colour with a little grain: no two seeds look alike, and none is flat. */
export function drawnPicture(width: number, height: number, seed = 1): Picture {
  const next = random(seed);
  const waves = Array.from({ length: 3 }, () =>
    Array.from({ length: 3 }, () => {
      const [fx, fy, phase] = [next() * 0.3, next() * 0.3, next() * 6.3];
      return { across: turns(width, fx, phase), down: turns(height, fy, 0) };
    }),
  );
  const pixels = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const parts of waves) {
        let sum = 0;
        // sin(a + b): a sine for each pixel would take longer than most tests do with the picture.
        for (const { across, down } of parts)
          sum += across.sin[x]! * down.cos[y]! + across.cos[x]! * down.sin[y]!;
        pixels[at++] = 128 + 35 * sum + 10 * (next() - 0.5);
      }
  return { pixels, width, height };
}

/** Sine and cosine at each place of a row. */
function turns(length: number, frequency: number, phase: number) {
  const angles = Float64Array.from({ length }, (_, i) => frequency * i + phase);
  return { sin: angles.map(Math.sin), cos: angles.map(Math.cos) };
}

/** The same as a picture file in the folder. Answers its path. */
export async function drawnPhoto(
  path: string,
  width: number,
  height: number,
  { seed = 1, format = 'png' }: { readonly seed?: number; readonly format?: PictureFormat } = {},
): Promise<string> {
  await writeFile(path, await encodePicture(drawnPicture(width, height, seed), format));
  return path;
}

/** A data set of drawn photos of 64 px, made by the program's own build. Answers its folder. */
export async function tinyDataset(folder: string, count = 6, size = 64): Promise<string> {
  const photos = join(folder, 'photos');
  await mkdir(photos, { recursive: true });
  for (let i = 0; i < count; i++) {
    await drawnPhoto(join(photos, `${i}.jpg`), size + 8 * i, size + 16, { seed: 100 + i, format: 'jpeg' });
  }
  const out = join(folder, 'dataset');
  await buildPhotoDataset({
    folders: [photos],
    out,
    settings: { size, quality: 92, shardSize: { amount: 4, unit: 'records' }, limit: null, seed: 1 },
  });
  return out;
}
