import { random, randomBelow } from '../data/random.ts';
import type { Picture } from '../picture.ts';

/** Seed of the noise and of where crops lie: the same pictures for every style. */
const SEED = 6;
/** Noise of the drawn pictures, grey levels to either side: what a camera leaves in a clear sky. */
const NOISE = 2;

type Colour = readonly [number, number, number];

const FLAT: readonly Colour[] = [
  [128, 128, 128],
  [40, 50, 70],
  [150, 190, 230],
  [225, 215, 200],
];
const GRADED: readonly (readonly [Colour, Colour, across: number, down: number])[] = [
  [[70, 70, 70], [190, 190, 190], 1, 0],
  [[110, 150, 210], [200, 220, 240], 0, 1],
  [[60, 80, 50], [150, 140, 90], 0.6, 0.4],
];

/** Flat and gently graded pictures with a little noise: in them nothing should repeat, and nothing frame them. */
export function evenPictures(side: number): Picture[] {
  const flat = FLAT.map((colour, i) => drawn(side, i, () => colour));
  const graded = GRADED.map(([from, to, across, down], i) =>
    drawn(side, FLAT.length + i, (x, y) => {
      const share = across * x + down * y;
      return from.map((value, c) => value + share * (to[c]! - value)) as unknown as Colour;
    }),
  );
  return [...flat, ...graded];
}

function drawn(side: number, index: number, colourAt: (x: number, y: number) => Colour): Picture {
  const next = random(SEED, index);
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const colour = colourAt(x / side, y / side);
      for (let c = 0; c < 3; c++)
        pixels[(y * side + x) * 3 + c] = Math.round(colour[c]! + (2 * next() - 1) * NOISE);
    }
  }
  return { pixels, width: side, height: side };
}

/**
 * Square windows of the photos at random places.
 *
 * @param side of the windows; those of a photo that is smaller have its short side.
 */
export function randomWindows(photos: readonly Picture[], side: number, count: number): Picture[] {
  return Array.from({ length: count }, (_, i) => {
    const next = random(SEED, 1000 + i);
    const photo = photos[i % photos.length]!;
    const size = Math.min(side, photo.width, photo.height);
    const left = randomBelow(photo.width - size + 1, next);
    const top = randomBelow(photo.height - size + 1, next);
    return cut(photo, left, top, size, size);
  });
}

/** The picture without `margin` pixels on each side. */
export function withoutMargin(picture: Picture, margin: number): Picture {
  const { width, height } = picture;
  return cut(picture, margin, margin, width - 2 * margin, height - 2 * margin);
}

function cut(from: Picture, left: number, top: number, width: number, height: number): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * from.width + left) * 3;
    pixels.set(from.pixels.subarray(start, start + width * 3), y * width * 3);
  }
  return { pixels, width, height };
}
