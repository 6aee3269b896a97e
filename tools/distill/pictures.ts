/** What the student looks at: photos, paintings, noise, and all of them on their way to being painted. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { batches } from '../../src/data/batches.ts';
import { readPicture } from '../../src/data/image-file.ts';
import { type Random, random, randomBelow } from '../../src/data/random.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import type { Picture } from '../../src/picture.ts';

/** A picture and what a style makes of it, of the same size. */
export interface PicturePair {
  readonly plain: Picture;
  readonly painted: Picture;
}

export interface PictureSource {
  /** Folder of a data set. */
  readonly data: string;
  /** Photos taken from it. */
  readonly count: number;
  /** Side of the squares that are kept, px. */
  readonly side: number;
  /** Checkpoints, each of which paints its share. */
  readonly styles: readonly string[];
  /** Folders of paintings, which are looked at as photos are. */
  readonly paintings: readonly string[];
  readonly seed: number;
}

/** Reads and paints all pictures. */
export async function preparePictures(source: PictureSource): Promise<PicturePair[]> {
  const plain = [...(await photos(source)), ...(await cutsOfPaintings(source)), ...noises(source)];
  const painted: Picture[] = [];
  for (const [number, file] of source.styles.entries()) {
    const stylizer = await StyleNetwork.load(file);
    plain.forEach((picture, i) => {
      if (i % source.styles.length === number) painted[i] = stylizer.stylize(picture);
    });
    stylizer.dispose();
  }
  return plain.map((picture, i) => ({ plain: picture, painted: painted[i] ?? picture }));
}

async function photos({ data, count, side, seed }: PictureSource): Promise<Picture[]> {
  const found: Picture[] = [];
  for await (const { pixels } of batches({ dataset: data, imageSize: side, batch: 1, seed })) {
    found.push({ pixels, width: side, height: side });
    if (found.length === count) break;
  }
  return found;
}

/** Of each painting, at several sizes, a few squares. */
async function cutsOfPaintings({ paintings, side, seed }: PictureSource): Promise<Picture[]> {
  const next = random(seed, 1);
  const cuts: Picture[] = [];
  for (const folder of paintings) {
    const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp|tiff?)$/i.test(name)).sort();
    for (const name of names) {
      for (const scale of [1, 1.5, 2]) {
        const picture = await readPicture(join(folder, name), { shortSide: Math.round(side * scale) });
        for (let i = 0; i < 4; i++) cuts.push(cut(picture, side, next));
      }
    }
  }
  return cuts;
}

function cut({ pixels, width, height }: Picture, side: number, next: Random): Picture {
  const [left, top] = [randomBelow(width - side + 1, next), randomBelow(height - side + 1, next)];
  const square = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 3;
    square.set(pixels.subarray(from, from + side * 3), y * side * 3);
  }
  return { pixels: square, width: side, height: side };
}

/** A twelfth as many pictures of noise as of photos, coarse and fine. */
function noises({ count, side, seed }: PictureSource): Picture[] {
  return Array.from({ length: Math.ceil(count / 12) }, (_, i) => {
    const next = random(seed, 2, i);
    const noise = coarseNoise(side, next);
    const [level, amplitude] = [80 + 100 * next(), 20 + 60 * next()];
    const pixels = Uint8Array.from(noise, (v) => Math.min(255, Math.max(0, level + amplitude * v)));
    return { pixels, width: side, height: side };
  });
}

/** Noise of about unit deviation in cells of 1 to 16 px, [side, side, 3]; its colours go together more or less. */
export function coarseNoise(side: number, next: Random): Float32Array {
  const noise = new Float32Array(side * side * 3);
  const grey = next();
  for (const cell of [1, 2, 4, 8, 16]) {
    const share = next() ** 2 * 1.2;
    const cells = Math.ceil(side / cell) + 1;
    const values = Float32Array.from({ length: cells * cells * 3 }, () => (next() * 2 - 1) * 1.7);
    for (let i = 0; i < values.length; i += 3) {
      const common = (next() * 2 - 1) * 1.7;
      for (let c = 0; c < 3; c++) values[i + c] = grey * common + (1 - grey) * values[i + c]!;
    }
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = (Math.floor(y / cell) * cells + Math.floor(x / cell)) * 3;
        const to = (y * side + x) * 3;
        for (let c = 0; c < 3; c++) noise[to + c] = noise[to + c]! + share * values[from + c]!;
      }
    }
  }
  return noise;
}
