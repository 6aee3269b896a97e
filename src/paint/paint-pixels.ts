import type { Photo } from '../data/photo/decode.ts';
import { memoryAtHand } from '../infer/bands/memory-size.ts';
import { choosePlan, requireMemory } from '../infer/choose-plan.ts';
import type { PhotoPainter } from '../infer/finish/look-painter.ts';
import { rowsOf } from '../infer/finish/value-rows.ts';
import { inBits, type LayeredPicture } from '../picture.ts';
import { readWhole } from './read-ahead.ts';

export interface PixelsOptions {
  /** Bytes that the process may take in all; by default, what is free. */
  readonly memory?: number | undefined;
  /** Called between the bands of a large picture; what it throws stops painting. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * Paints one photo into pixels of 8 bit; of an animation the first frame.
 *
 * @param read the photo's pixels, where they have been read already.
 * @throws {ConfigError} too little memory. {ImageError} the photo is damaged or too small.
 */
export async function paintPixels(
  painter: PhotoPainter,
  photo: Photo,
  read: LayeredPicture | undefined,
  { memory, onProgress }: PixelsOptions,
): Promise<LayeredPicture<Uint8Array>> {
  const { width, height, depth, alpha: hasAlpha, unpacked } = photo.head;
  const budget = memory ?? memoryAtHand();
  const plans = painter.plans(photo.head, ((hasAlpha ? 4 : 3) * depth) / 8 + 3);
  if (read === undefined) requireMemory(unpacked, budget, 'to unpack this picture');
  const plan = choosePlan(plans, budget, 'auto');
  const picture = read ?? (await readWhole(photo));
  const opacity = picture.alpha === undefined ? {} : { alpha: inBits(picture.alpha, 8) as Uint8Array };
  if (plan.placement === 'untiled') return { ...painter.stylize(picture), ...opacity };
  const pixels = new Uint8Array(3 * width * height);
  let at = 0;
  const write = (band: ArrayLike<number>) => {
    pixels.set(band, at);
    at += band.length;
  };
  await painter.stylizeBands(rowsOf(picture), write, plan, onProgress);
  return { pixels, width, height, ...opacity };
}
