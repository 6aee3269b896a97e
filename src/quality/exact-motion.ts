import { movedPicture } from '../data/motion.ts';
import { random, sensorNoise } from '../data/random.ts';
import type { Picture } from '../picture.ts';
import type { FilmChange } from './steadiness.ts';

/** Films of a single picture, each of one change that goes on from frame to frame and is known exactly. */
export const EXACT_CHANGES = {
  'noise 2': { noise: 2 },
  'pan 1 px': { motion: { right: 1, down: 0, zoom: 1 } },
  'pan 2.5 px': { motion: { right: 2.5, down: 0.5, zoom: 1 } },
  'pan 0.25 px': { motion: { right: 0.25, down: -0.25, zoom: 1 } },
  'zoom 1 %': { motion: { right: 0, down: 0, zoom: 1.01 } },
} as const satisfies Readonly<Record<string, FilmChange>>;

/** Frames of such a film; the last two steps are measured. */
const [FRAMES, MEASURED] = [6, 2];
/** Pixels at each border that are not compared, besides those that come into view. */
const BORDER = 16;
const SEED = 11;

/** What is painted otherwise than moved along. */
export interface ExactFlicker {
  readonly name: string;
  /** Root mean square of O_t − T O_{t−1}, grey levels; with noise, what both frames' noise makes of a still picture. */
  readonly rms: number;
  /** The same of the film itself. */
  readonly film: number;
  /** `rms` over `film` where there is noise: above 1 it is amplified. */
  readonly amplification?: number;
}

/**
 * Flicker in films whose motion need not be estimated.
 *
 * @param paint paints the next frame. @param restart the next frame is a film's first.
 */
export async function exactFlicker(
  picture: Picture,
  paint: (frame: Picture) => Picture,
  restart: () => void,
): Promise<readonly ExactFlicker[]> {
  const results: ExactFlicker[] = [];
  for (const [name, change] of Object.entries<FilmChange>(EXACT_CHANGES)) {
    restart();
    let [squares, own, count] = [0, 0, 0];
    let before: { readonly frame: Picture; readonly painted: Picture } | undefined;
    for (let i = 0; i < FRAMES; i++) {
      const frame = frameOf(picture, change, i);
      const painted = paint(frame);
      if (before !== undefined && i >= FRAMES - MEASURED) {
        const margin = BORDER + Math.ceil(shiftOf(change) * i);
        const found = difference(painted, follow(before.painted, change), margin);
        squares += found.squares;
        own += difference(frame, follow(before.frame, change), margin).squares;
        count += found.count;
      }
      before = { frame, painted };
      // Painting blocks the event loop: signals and timers get their turn here.
      await new Promise(setImmediate);
    }
    const [rms, film] = [Math.sqrt(squares / count), Math.sqrt(own / count)];
    results.push({ name, rms, film, ...('noise' in change ? { amplification: rms / film } : {}) });
  }
  return results;
}

/** The i-th frame. Motions are pans or zooms alone, so they add up. */
function frameOf(picture: Picture, change: FilmChange, i: number): Picture {
  if ('motion' in change) {
    const { right, down, zoom } = change.motion;
    return movedPicture(picture, { right: i * right, down: i * down, zoom: zoom ** i }).picture;
  }
  if (!('noise' in change)) return picture;
  const noise = sensorNoise(picture.pixels.length, change.noise, random(SEED, i));
  const values = Uint8ClampedArray.from(picture.pixels, (value, at) => value + noise[at]!);
  return { ...picture, pixels: new Uint8Array(values.buffer) };
}

const follow = (picture: Picture, change: FilmChange): Picture =>
  'motion' in change ? movedPicture(picture, change.motion).picture : picture;

const shiftOf = (change: FilmChange): number =>
  'motion' in change ? Math.max(Math.abs(change.motion.right), Math.abs(change.motion.down)) : 0;

function difference(a: Picture, b: Picture, margin: number): { squares: number; count: number } {
  let [squares, count] = [0, 0];
  for (let y = margin; y < a.height - margin; y++) {
    for (let at = 3 * (y * a.width + margin); at < 3 * ((y + 1) * a.width - margin); at++) {
      squares += (a.pixels[at]! - b.pixels[at]!) ** 2;
      count++;
    }
  }
  return { squares, count };
}
