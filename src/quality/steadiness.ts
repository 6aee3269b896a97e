import { type Motion, movedPicture } from '../data/motion.ts';
import { random, sensorNoise } from '../data/random.ts';
import type { Picture } from '../picture.ts';
import { localTexture } from './local-texture.ts';

/** Changes that a film has from frame to frame, all of them known exactly. */
export const FILM_CHANGES = {
  /** Noise of a sensor, standard deviation in grey levels: the scene stands still. */
  'noise 2': { noise: 2 },
  'noise 4': { noise: 4 },
  /** Pans. A network that halves twice follows by itself only those by multiples of 4 px. */
  'pan 1 px': { motion: { right: 1, down: 0, zoom: 1 } },
  'pan 3 px': { motion: { right: 3, down: -2, zoom: 1 } },
  'pan 2.5 px': { motion: { right: 2.5, down: 0.5, zoom: 1 } },
  'zoom 2 %': { motion: { right: 0, down: 0, zoom: 1.02 } },
  /** Exposure: a painting need not follow it, but must not jump. */
  'brightness 5 %': { gain: 1.05 },
} as const satisfies Readonly<Record<string, FilmChange>>;

export type FilmChange = { readonly noise: number } | { readonly motion: Motion } | { readonly gain: number };

/** How well what is painted follows one change. */
export interface Followed {
  readonly name: string;
  /** Mean absolute difference to the painting of the unchanged photo, moved as the photo was; grey levels. */
  readonly mean: number;
  /** Root mean square of it, grey levels. */
  readonly rms: number;
  /** The same of the photo itself: what the change puts in. 0 for motions. */
  readonly photo: number;
  /** `rms` over √2 times the painting's own texture: 0 follows exactly, 1 is as if the texture had been painted from scratch. */
  readonly relative: number;
}

export interface Steadiness {
  /** Root mean square of what is painted about its local mean (`localTexture`), grey levels. */
  readonly texture: number;
  readonly changes: readonly Followed[];
}

export interface SteadinessOptions {
  /** Paints a picture, exactly as large as it came. */
  readonly stylize: (picture: Picture) => Picture;
  readonly photos: readonly Picture[];
  /** Defaults to all of `FILM_CHANGES`. */
  readonly changes?: Readonly<Record<string, FilmChange>>;
  /** Called after each painted picture. */
  readonly progress?: (done: number, total: number) => void;
}

/** Pixels at every border that are not compared: what lies beyond a border changes when a picture moves. */
const BORDER = 16;
const SEED = 7;

/**
 * Steadiness of a style in film, from photos: of each photo x and each change T,
 *
 *   difference = f(T x) − T f(x)        (for noise and exposure T f(x) is f(x))
 *
 * over the pixels that both know, in the root of the mean square over pixels, channels and photos: the warping error of the
 * literature (e_stab, Chen et al. 2017; Lai et al. 2018) with motion that is known instead of estimated. It falls when a style weakens: judge it
 * next to the style loss, or take `relative`.
 *
 * @throws {RangeError} a photo is too small to have anything inside its borders.
 */
export async function steadiness(options: SteadinessOptions): Promise<Steadiness> {
  const { stylize, photos, changes = FILM_CHANGES, progress = () => undefined } = options;
  const entries = Object.entries<FilmChange>(changes);
  const sums = entries.map(() => ({ squares: 0, absolute: 0, photo: 0, count: 0 }));
  const total = photos.length * (1 + entries.length);
  const paint = paintInTurns(stylize, total, progress);
  let texture = 0;
  for (const [index, photo] of photos.entries()) {
    if (Math.min(photo.width, photo.height) <= 3 * BORDER)
      throw new RangeError(`Expected more than ${3 * BORDER} px, got ${photo.width}×${photo.height}.`);
    const painted = await paint(photo);
    texture += localTexture(painted) ** 2 / photos.length;
    for (const [i, [, change]] of entries.entries()) {
      const seen = changed(photo, change, index);
      const found = difference(await paint(seen.picture), follow(painted, change), seen.inside);
      const own = difference(seen.picture, follow(photo, change), seen.inside);
      const sum = sums[i]!;
      sum.squares += found.squares;
      sum.absolute += found.absolute;
      sum.photo += own.squares;
      sum.count += found.count;
    }
  }
  texture = Math.sqrt(texture);
  const followed = sums.map(({ squares, absolute, photo, count }, i): Followed => {
    const rms = Math.sqrt(squares / count);
    const relative = rms / Math.max(FAINTEST, Math.SQRT2 * texture);
    return { name: entries[i]![0], mean: absolute / count, rms, photo: Math.sqrt(photo / count), relative };
  });
  return { texture, changes: followed };
}

/** Texture below which there is none to speak of, grey levels. */
const FAINTEST = 1;

interface Seen {
  readonly picture: Picture;
  readonly inside: Uint8Array;
}

function changed(photo: Picture, change: FilmChange, index: number): Seen {
  if ('motion' in change) return movedPicture(photo, change.motion);
  const noise =
    'noise' in change ? sensorNoise(photo.pixels.length, change.noise, random(SEED, index)) : undefined;
  const gain = 'gain' in change ? change.gain : 1;
  const values = Uint8ClampedArray.from(photo.pixels, (value, i) => value * gain + (noise?.[i] ?? 0));
  const inside = new Uint8Array(photo.width * photo.height).fill(1);
  return { picture: { ...photo, pixels: new Uint8Array(values.buffer) }, inside };
}

const follow = (picture: Picture, change: FilmChange): Picture =>
  'motion' in change ? movedPicture(picture, change.motion).picture : picture;

function difference(
  { pixels, width, height }: Picture,
  wanted: Picture,
  inside: Uint8Array,
): { squares: number; absolute: number; count: number } {
  let [squares, absolute, count] = [0, 0, 0];
  for (let y = BORDER; y < height - BORDER; y++) {
    for (let x = BORDER; x < width - BORDER; x++) {
      const pixel = y * width + x;
      if (inside[pixel] === 0) continue;
      for (let at = 3 * pixel; at < 3 * pixel + 3; at++) {
        const apart = pixels[at]! - wanted.pixels[at]!;
        squares += apart * apart;
        absolute += Math.abs(apart);
        count++;
      }
    }
  }
  return { squares, absolute, count };
}

/**
 * Paints one picture after another and reports how many are done.
 *
 * @param total pictures that will be painted in all.
 */
export function paintInTurns(
  stylize: (picture: Picture) => Picture,
  total: number,
  progress: (done: number, total: number) => void,
): (picture: Picture) => Promise<Picture> {
  let done = 0;
  return async (picture) => {
    const painted = stylize(picture);
    progress(++done, total);
    // Painting blocks the event loop: signals and timers get their turn here.
    await new Promise(setImmediate);
    return painted;
  };
}
