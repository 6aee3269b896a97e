import { fillTransparent } from '../data/photo/colour-rows.ts';
import { decodePhoto, type Photo } from '../data/photo/decode.ts';
import type { OpenOptions } from '../data/photo/photo-file.ts';
import { memoryAtHand } from '../infer/bands/memory-plan.ts';
import type { LayeredPicture } from '../picture.ts';
import type { PhotoOptions } from './photo-output.ts';

/** Share of the memory allowed that one photo's pixels may take while another is painted. */
const LIGHT = 1 / 256;

/** Whether a photo may be read and written while others are painted; what is larger has the memory for itself. */
export function isLight({ head }: Photo, memory: number = memoryAtHand()): boolean {
  const { width, height, depth, frames, unpacked } = head;
  return frames === 1 && (width * height * 4 * depth) / 8 + unpacked <= LIGHT * memory;
}

export interface ReadingOptions {
  readonly maxPixels?: PhotoOptions['maxPixels'] | undefined;
  readonly damaged?: PhotoOptions['damaged'] | undefined;
  readonly say?: ((line: string) => void) | undefined;
}

/** How photos are to be opened that are to be painted so. @param say hears of damage. */
export function openOptions({ maxPixels, damaged, say = () => undefined }: ReadingOptions): OpenOptions {
  return { maxPixels, onDamage: damaged === 'accept' ? say : undefined };
}

/** Decodes a still photo whole, as networks take it. @throws {ImageError} it is damaged. */
export async function readWhole(photo: Photo): Promise<LayeredPicture> {
  const picture = await decodePhoto(photo);
  fillTransparent(picture);
  return picture;
}
