/** Photos made on the spot for the tests of data. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { random } from '../../src/data/random.ts';

/** A picture whose pixels are a function of their place: [r, g, b] at x, y. */
export function painted(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [number, number, number],
): Sharp {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(color(x, y), (y * width + x) * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Noise around a brightness: lively enough to be kept, and its mean tells which picture it is. */
export function noisy(width: number, height: number, level: number, seed = level): Sharp {
  const next = random(seed);
  return painted(width, height, () => {
    const value = Math.round(level + (next() - 0.5) * 40);
    return [value, value, value];
  });
}

/** Writes a picture or bytes; folders on the way are made. */
export async function put(path: string, content: Sharp | Uint8Array | string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const bytes =
    typeof content === 'string' || content instanceof Uint8Array ? content : await content.toBuffer();
  await writeFile(path, bytes);
  return path;
}

/** A folder of `count` distinct noisy JPEGs; picture i has brightness 30 + step · i, from 250 on round again. */
export async function noisyPhotos(
  folder: string,
  count: number,
  { width = 96, height = 72, step = 20 } = {},
): Promise<string> {
  for (let i = 0; i < count; i++) {
    const name = `${String(i).padStart(4, '0')}.jpg`;
    await put(join(folder, name), noisy(width, height, 30 + ((step * i) % 220), i).jpeg({ quality: 95 }));
  }
  return folder;
}
